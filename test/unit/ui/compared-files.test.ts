import assert from 'node:assert/strict';
import path from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import type { Tracking } from '../../../src/core/checkout/app';
import { Checkouts, type AppId } from '../../../src/ui/model/checkouts';
import { ComparedFiles, type Comparison } from '../../../src/ui/model/compared-files';
import { ADisk } from './a-disk';
import { aCheckout, anApp } from './an-app';

const directory = path.resolve('/work/device');
const web: AppId = { checkout: directory, app: 'web' };

let disk: ADisk;
let checkouts: Checkouts;

beforeEach(async () => {
  disk = new ADisk();
  putOnDisk('not-compared');
  checkouts = new Checkouts(() => [path.resolve('/work')], disk);
  await checkouts.readApps();
});

function putOnDisk(tracking: Tracking, size = 100_000): void {
  const files = [{ path: 'root.squashfs', size, tracking }];
  disk.checkouts.set(directory, aCheckout(directory, [anApp('web', { files })]));
}

function tracking(): Tracking | undefined {
  return checkouts.byDirectory(directory)?.app('web')?.files[0]?.tracking;
}

function comparedBy(hash: (id: AppId) => Promise<unknown>, parts: Partial<Comparison> = {}): ComparedFiles {
  const onFailure = (error: unknown) => {
    throw error;
  };
  return new ComparedFiles(checkouts, { isAllowed: () => true, hash, onFailure, ...parts });
}

describe('large files of an app that somebody looks at', () => {
  it('are compared, and the checkout tells what came out', async () => {
    const hashed: AppId[] = [];
    const compared = comparedBy((id) => {
      hashed.push(id);
      putOnDisk('changed');
      return Promise.resolve();
    });
    await compared.lookAt(web);
    assert.deepEqual(hashed, [web]);
    assert.equal(tracking(), 'changed');
    await compared.lookAt(web);
    assert.equal(hashed.length, 1);
  });

  it('are read once where nothing can be kept of it, and again when they are others', async () => {
    let times = 0;
    const compared = comparedBy(() => Promise.resolve(times++));
    await compared.lookAt(web);
    await compared.lookAt(web);
    assert.equal(times, 1);
    putOnDisk('not-compared', 100_001);
    await checkouts.byDirectory(directory)?.refresh();
    await compared.lookAt(web);
    assert.equal(times, 2);
  });

  it('are left alone until the workspace is trusted', async () => {
    let times = 0;
    let isAllowed = false;
    const compared = comparedBy(() => Promise.resolve(times++), { isAllowed: () => isAllowed });
    await compared.lookAt(web);
    assert.equal(times, 0);
    isAllowed = true;
    await compared.lookAt(web);
    assert.equal(times, 1);
  });

  it('are asked for again after a failure, which is told; nobody hears of one at the end', async () => {
    const failures: unknown[] = [];
    const failure = new Error('the backend is gone');
    const compared = comparedBy(() => Promise.reject(failure), {
      onFailure: (error) => failures.push(error),
    });
    await compared.lookAt(web);
    await compared.lookAt(web);
    assert.deepEqual(failures, [failure, failure]);
    compared.dispose();
    await compared.lookAt(web);
    assert.equal(failures.length, 2);
  });
});
