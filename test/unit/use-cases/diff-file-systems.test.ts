import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import { silentJob } from '../../../src/core/job';
import { Mounts } from '../../../src/core/mount/mounts';
import type { Node } from '../../../src/core/rootfs/tree';
import { diffFileSystems } from '../../../src/core/use-cases/diff-file-systems';
import { codecDirectory } from '../squashfs/sample';
import { device, directory, file, type MemoryContent, WriterBench } from '../squashfs/memory-tree';
import { RevisionCheckout } from '../revision/revisions';

type Files = Readonly<Record<string, Node<MemoryContent>>>;
const whiteout = device('char', 0, 0, { mode: 0 });

describe('what a commit changes inside of file systems', () => {
  const bench = new WriterBench();
  const mounts = new Mounts(codecDirectory);
  after(() => bench.close());

  const put = async (checkout: RevisionCheckout, target: string, files: Files) => {
    mkdirSync(path.dirname(checkout.path(target)), { recursive: true });
    copyFileSync((await bench.write(directory(files))).file, checkout.path(target));
  };
  const diff = async (checkout: RevisionCheckout) =>
    diffFileSystems(new OpenedCheckout(checkout.folder), { mounts, pool: bench.pool }, silentJob());
  const shortly = async (checkout: RevisionCheckout) =>
    (await diff(checkout)).map((one) => ({
      name: one.name,
      files: one.files,
      changes:
        one.outcome === 'unknown'
          ? one.problem.found
          : one.changes.map(({ change, path: at }) => `${change} ${at}`),
    }));

  const committed = async () => {
    const checkout = new RevisionCheckout({
      'web/run.json': '{}',
      'web/src.json': '{}',
      'ext/run.json': '{}',
      'ext/src.json': '{"base":"web"}',
    });
    await put(checkout, 'web/root.squashfs', {
      a: file('a'),
      b: file('bb'),
      gone: directory({ c: file('ccc'), d: file('d') }),
    });
    await put(checkout, 'ext/root.ovl.squashfs', { b: file('ext') });
    await put(checkout, 'bsp/modules.squashfs', { m: file('m') });
    await checkout.add();
    await checkout.commit();
    return checkout;
  };

  it('is nothing where nothing has changed', async () => {
    assert.deepEqual(await diff(await committed()), []);
  });

  it('is told of an overlay as a device sees it on its base', async () => {
    const checkout = await committed();
    await put(checkout, 'web/root.ovl.squashfs', { a: file('A'), gone: whiteout, n: file('new') });
    await checkout.add(['web']);
    const [found, ...others] = await diff(checkout);
    assert.ok(found?.outcome === 'compared');
    assert.deepEqual(others, []);
    assert.deepEqual([found.name, found.files], ['web', ['web/root.ovl.squashfs']]);
    assert.deepEqual(
      found.changes.map(({ change, path: at }) => `${change} ${at}`),
      ['changed a', 'deleted gone', 'added n'],
    );
    assert.deepEqual(found.totals, {
      added: { paths: 1, bytes: 3 },
      changed: { paths: 1, bytes: 1 },
      attributes: { paths: 0, bytes: 0 },
      removed: { paths: 3, bytes: 4 },
    });
  });

  it('is told of a new base, and of the apps that extend it', async () => {
    const checkout = await committed();
    await put(checkout, 'web/root.squashfs', { a: file('a'), b: file('BB') });
    assert.deepEqual(await shortly(checkout), [
      { name: 'ext', files: ['web/root.squashfs'], changes: ['deleted gone'] },
      { name: 'web', files: ['web/root.squashfs'], changes: ['changed b', 'deleted gone'] },
    ]);
  });

  it('is nothing where an overlay became a part of its base', async () => {
    const checkout = await committed();
    await put(checkout, 'web/root.ovl.squashfs', { a: file('A'), gone: whiteout });
    await checkout.add(['web']);
    await checkout.commit();
    rmSync(checkout.path('web/root.ovl.squashfs'));
    await put(checkout, 'web/root.squashfs', { a: file('A'), b: file('bb') });
    assert.deepEqual((await shortly(checkout)).at(-1), {
      name: 'web',
      files: ['web/root.squashfs', 'web/root.ovl.squashfs'],
      changes: [],
    });
  });

  it('is told of files that are mounted elsewhere, and why it is not known of others', async () => {
    const checkout = await committed();
    await put(checkout, 'bsp/modules.squashfs', { m: file('M') });
    assert.deepEqual(await shortly(checkout), [
      { name: 'bsp/modules.squashfs', files: ['bsp/modules.squashfs'], changes: ['changed m'] },
    ]);
    checkout.overwrite('bsp/modules.squashfs', 'no file system');
    const state = JSON.parse(readFileSync(checkout.path('.pvr/json'), 'utf8')) as Record<string, string>;
    await put(checkout, 'web/root.squashfs', { a: file('a') });
    rmSync(checkout.path(`.pvr/objects/${state['web/root.squashfs'] ?? ''}`));
    const [modules, ext, web] = await shortly(checkout);
    assert.match(String(modules?.changes), /no SquashFS|not a SquashFS|SquashFS/);
    for (const one of [ext, web]) assert.match(String(one?.changes), /is not on this machine/);
  });
});
