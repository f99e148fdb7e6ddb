import assert from 'node:assert/strict';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { thisThread } from '../../../src/core/files/hash-file';
import { silentJob } from '../../../src/core/job';
import { deploy } from '../../../src/core/use-cases/deploy';
import { temporaryFolder, writeFiles } from '../checkout/temporary-folder';
import { RevisionCheckout, sha256 } from './revisions';

const bsp = {
  'bsp/kernel.img': sha256('kernel'),
  'bsp/pantavisor': sha256('initrd'),
  'bsp/board.dtb': sha256('dtb'),
  'bsp/run.json': { kernel: 'kernel.img', fdt: 'board.dtb' },
};
const web = { 'web/root.squashfs': sha256('web'), 'web/conf.json': { b: 1, a: '<' } };
const objects = ['kernel', 'initrd', 'dtb', 'web', 'new', 'fit'];

function place() {
  const folder = temporaryFolder();
  const target = path.join(folder, 'device');
  const objectsDirectory = path.join(folder, 'objects');
  const run = (references: readonly string[], { isWhole = false, isForced = false } = {}) =>
    deploy(target, { references, folder, isWhole, isForced, objectsDirectory }, thisThread, silentJob());
  const read = (file: string) => readFileSync(path.join(target, file), 'utf8');
  return { target, objectsDirectory, run, read };
}

describe('deploying', () => {
  it('makes a folder of links to objects, with what a bootloader needs', async () => {
    const source = new RevisionCheckout({}, { state: { ...bsp, ...web }, objects });
    const { target, objectsDirectory, run, read } = place();
    const { boot, removed } = await run([source.folder]);
    assert.deepEqual(boot, {
      'pv-kernel.img': 'bsp/kernel.img',
      'pv-initrd.img': 'bsp/pantavisor',
      'pv-fdt.dtb': 'bsp/board.dtb',
    });
    assert.deepEqual(removed, []);
    assert.equal(read('web/conf.json'), '{"a":"<","b":1}');
    const inode = (file: string) => lstatSync(file).ino;
    const kernel = path.join(objectsDirectory, sha256('kernel'));
    assert.equal(inode(path.join(target, 'bsp/kernel.img')), inode(kernel));
    assert.equal(inode(path.join(target, '.pv/pv-kernel.img')), inode(kernel));
    assert.equal(lstatSync(kernel).mode & 0o222, 0);
    assert.match(read('.pvr/json'), /"#spec":"pantavisor-service-system@1"/);
  });

  it('takes the place of what was deployed before, part by part or as a whole', async () => {
    const source = new RevisionCheckout({}, { state: { ...bsp, ...web }, objects });
    const { target, run, read } = place();
    await run([`${source.folder}#bsp,web`]);
    assert.match(read('.pvr/json'), /"#spec":"pantavisor-service-system@1"/);
    const next = new RevisionCheckout(
      {},
      {
        state: {
          'web/new': sha256('new'),
          'bsp/fit': sha256('fit'),
          'bsp/run.json': { fit: 'fit' },
        },
        objects,
      },
    );
    const { removed, boot } = await run([next.folder]);
    assert.deepEqual(boot, { 'pantavisor.fit': 'bsp/fit' });
    assert.deepEqual(removed, [
      'bsp/board.dtb',
      'bsp/kernel.img',
      'bsp/pantavisor',
      'web/conf.json',
      'web/root.squashfs',
    ]);
    assert.deepEqual(readdirSync(path.join(target, '.pv')), ['pantavisor.fit']);
    const only = new RevisionCheckout({}, { state: { 'web/new': sha256('web') }, objects });
    await run([only.folder], { isWhole: true });
    assert.equal(read('web/new'), 'web');
    assert.ok(!existsSync(path.join(target, 'bsp/run.json')));
  });

  it('touches nothing where files are in the way, or an object is damaged, unless it is to go', async () => {
    const source = new RevisionCheckout({}, { state: web, objects });
    const { target, run } = place();
    await run([source.folder]);
    writeFiles(target, { 'web/stranger': 'x', 'web/conf.json': '{"edited":1}' });
    await assert.rejects(
      run([source.folder]),
      /nobody has deployed web\/conf\.json, web\/stranger as it is, .* --force\./,
    );
    assert.deepEqual((await run([source.folder], { isForced: true })).removed, ['web/stranger']);
    const damaged = new RevisionCheckout({}, { state: { 'web/new': sha256('new') }, objects });
    damaged.overwrite(`.pvr/objects/${sha256('new')}`, 'damaged');
    await assert.rejects(run([damaged.folder]), /it is damaged/);
    assert.ok(existsSync(path.join(target, 'web/root.squashfs')));
  });

  it('says what a bsp lacks', async () => {
    const source = new RevisionCheckout({}, { state: { 'bsp/run.json': {} } });
    const { run } = place();
    await assert.rejects(run([source.folder]), /names bsp\/kernel\.img, which the state doesn't have/);
  });
});
