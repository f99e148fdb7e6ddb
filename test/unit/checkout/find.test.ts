import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findCheckoutFrom, findCheckouts, isCheckout } from '../../../src/core/checkout/find';
import { temporaryFolder, writeFiles } from './temporary-folder';
import { hasNoRights, withoutRights } from './without-rights';

const folderWith = (...files: readonly string[]) => {
  const folder = temporaryFolder();
  writeFiles(folder, Object.fromEntries(files.map((file) => [file, '{}'])));
  return folder;
};
const found = async (folder: string) =>
  (await findCheckouts(folder)).map((checkout) => path.relative(folder, checkout).split(path.sep).join('/'));

describe('looking for checkouts', () => {
  it('finds the folder itself, those in it, and those in those', async () => {
    const folder = folderWith(
      '.pvr/json',
      'devices/b/.pvr/json',
      'devices/a/.pvr/json',
      'devices/a/copies/old/.pvr/json',
    );
    assert.deepEqual(await found(folder), ['', 'devices/a', 'devices/a/copies/old', 'devices/b']);
  });

  it('finds none in an empty folder, a file or one that is not there', async () => {
    const folder = folderWith('file');
    assert.deepEqual(await found(folder), []);
    assert.deepEqual(await findCheckouts(path.join(folder, 'file')), []);
    assert.deepEqual(await findCheckouts(path.join(folder, 'nowhere')), []);
  });

  it('wants a file .pvr/json', async () => {
    const folder = folderWith('a/.pvr/config', 'b/.pvr', 'c/.pvr/json/x', 'd/.pvr/json');
    assert.deepEqual(await found(folder), ['d']);
  });

  it('does not look into apps, other parts of a checkout, and other tools’ data', async () => {
    const folder = folderWith(
      '.pvr/json',
      '.pvr/objects/.pvr/json',
      'web/src.json',
      'web/inside/.pvr/json',
      'made-elsewhere/run.json',
      'made-elsewhere/inside/.pvr/json',
      '_config/web/.pvr/json',
      '.git/modules/.pvr/json',
      'docs/node_modules/x/.pvr/json',
      'docs/x/.pvr/json',
      'docs/x/not-an-app/src.json',
    );
    assert.deepEqual(await found(folder), ['', 'docs/x']);
  });

  it('looks into folders with a src.json where there is no checkout around', async () => {
    const folder = folderWith('sources/src.json', 'sources/device/.pvr/json', '_private/.pvr/json');
    assert.deepEqual(await found(folder), ['_private', 'sources/device']);
  });

  it('does not follow symbolic links, also not in circles', async () => {
    const folder = folderWith('device/.pvr/json');
    symlinkSync(path.join(folder, 'device'), path.join(folder, 'link'), 'junction');
    symlinkSync(folder, path.join(folder, 'device', 'up'), 'junction');
    assert.deepEqual(await found(folder), ['device']);
  });

  it('passes over folders that it may not read', { skip: hasNoRights }, async () => {
    const folder = folderWith('closed/a/.pvr/json', 'open/.pvr/json', 'half/.pvr/json');
    chmodSync(path.join(folder, 'closed'), 0);
    chmodSync(path.join(folder, 'half', '.pvr'), 0);
    try {
      assert.deepEqual(await withoutRights(folder, () => found(folder)), ['open']);
    } finally {
      chmodSync(path.join(folder, 'closed'), 0o755);
      chmodSync(path.join(folder, 'half', '.pvr'), 0o755);
    }
  });

  it('goes twelve levels deep', async () => {
    const folder = temporaryFolder();
    const level = (depth: number) => Array.from({ length: depth }, (_, index) => `level-${index}`).join('/');
    writeFiles(folder, { [`${level(12)}/.pvr/json`]: '{}', [`${level(12)}/deeper/.pvr/json`]: '{}' });
    assert.deepEqual(await found(folder), [level(12)]);
  });

  it('gets through wide trees', async () => {
    const folder = temporaryFolder();
    for (let index = 0; index < 500; index++) mkdirSync(path.join(folder, `folder-${index}`));
    writeFiles(folder, { 'folder-7/.pvr/json': '{}', 'folder-499/.pvr/json': '{}' });
    assert.deepEqual(await found(folder), ['folder-499', 'folder-7']);
  });

  it('ends when it is told to', async () => {
    const reason = new Error('stopped');
    await assert.rejects(
      findCheckouts(folderWith('a/.pvr/json'), AbortSignal.abort(reason)),
      (error: unknown) => error === reason,
    );
  });
});

describe('the checkout that a folder lies in', () => {
  it('is the nearest one on the way up', async () => {
    const folder = folderWith('.pvr/json', 'devices/a/.pvr/json', 'devices/a/web/src.json');
    assert.equal(await findCheckoutFrom(folder), folder);
    assert.equal(await findCheckoutFrom(path.join(folder, 'devices')), folder);
    const inner = path.join(folder, 'devices', 'a');
    assert.equal(await findCheckoutFrom(inner), inner);
    assert.equal(await findCheckoutFrom(path.join(inner, 'web')), inner);
  });

  it('may be none', async () => {
    assert.equal(await findCheckoutFrom(temporaryFolder()), undefined);
  });

  it('is told by its state', async () => {
    const folder = folderWith('a/.pvr/json');
    assert.equal(await isCheckout(path.join(folder, 'a')), true);
    assert.equal(await isCheckout(folder), false);
    assert.equal(await isCheckout(path.join(folder, 'nowhere')), false);
  });
});
