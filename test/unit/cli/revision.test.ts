import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Pvx } from '../../device-view/pvx';
import { writeFiles } from '../checkout/temporary-folder';
import { directory, file, WriterBench } from '../squashfs/memory-tree';

describe('the commands for revisions', () => {
  let folder: string;
  let checkout: string;
  let pvx: Pvx;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cli-'));
    pvx = new Pvx(path.join(folder, 'home'));
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    checkout = await mkdtemp(path.join(folder, 'checkout-'));
    await run('i', '--objects', 'objs/..//.pvr-objects', '--spec', 'a"b@1');
    writeFiles(checkout, { 'web/run.json': '{"a":0.5}', 'web/conf': 'c' });
  });

  const run = (...words: readonly string[]): Promise<string> => pvx.run(checkout, ...words);
  const read = (file: string) => readFile(path.join(checkout, file), 'utf8');

  it('go from new files to a commit and back', async () => {
    assert.equal(await read('.pvr/json'), '{ "#spec": "a\\"b@1" }');
    assert.match(await read('.pvr/config'), /"ObjectsDir": ".*\/\.pvr-objects"/);
    assert.equal(await run('s', '--short'), '? web/conf\n? web/run.json\n');
    await run('a', 'web');
    assert.equal(await run('d', 'web/*.json'), '{\n\t"web/run.json": {\n\t\t"a": 0.5\n\t}\n}\n');
    assert.match(await run('ci', '-m', 'first'), /^Committed 2 changes, and 1 new object of 1 B;/m);
    assert.equal(await run('status', '--short'), '');
    assert.match(await run('status'), /^Nothing has changed/);
    assert.equal(await run('d'), '{}\n');
    assert.equal(await run('j', '-c'), `${await read('.pvr/json')}\n`);
    assert.match(await run('inspect'), /^\t"web\/run\.json": \{\n\t\t"a": 5\.0E-1\n\t\}$/m);
    writeFiles(checkout, { 'web/conf': 'edited' });
    await assert.rejects(run('co'), { code: 1, stdout: '', stderr: /would be lost: web\/conf\./ });
    await run('r', '--force');
    assert.equal(await read('web/conf'), 'c');
  });

  it('begin with objects in the checkout, too', async () => {
    const other = await mkdtemp(path.join(folder, 'checkout-'));
    await pvx.run(other, 'init', '-o', '.pvr/objects');
    writeFiles(other, { file: 'x' });
    await pvx.run(other, 'add');
    assert.match(await pvx.run(other, 'commit'), /1 new object/);
    assert.equal(await pvx.run(other, 'status', '--short'), '');
  });

  it('take paths of the current folder, and print one document with --json', async () => {
    const below = path.join(checkout, 'web');
    const { added } = JSON.parse(await pvx.run(below, 'add', './conf', '--json')) as { added: unknown };
    assert.deepEqual(added, ['web/conf']);
    const { files } = JSON.parse(await pvx.run(below, 'status', '--json')) as { files: object[] };
    assert.deepEqual(
      files.map((file) => ({ ...file, sha256: undefined })),
      [
        { path: 'web/conf', standing: 'added', letter: 'A', size: 1, sha256: undefined },
        { path: 'web/run.json', standing: 'untracked', letter: '?', size: 9, sha256: undefined },
      ],
    );
    const { state } = JSON.parse(await run('commit', '--json')) as { state: string };
    assert.match(state, /^[0-9a-f]{64}$/);
  });

  it('weigh what a device downloads and restarts, by part', async () => {
    await run('add');
    const text = await run('diff', '--stat');
    assert.match(text, /^web +2 files +1 B +reboots$/m);
    assert.match(text, /^A device downloads 1 B\. It reboots: /m);
    await assert.rejects(run('diff', '--stat', 'web'), { code: 2, stderr: /cannot be used with option/ });
  });

  it('say what changed inside of a file system, the heaviest first', async () => {
    const bench = new WriterBench();
    const put = async (files: Readonly<Record<string, string>>) => {
      const nodes = Object.entries(files).map(([name, content]) => [name, file(content)] as const);
      const made = await bench.write(directory(Object.fromEntries(nodes)));
      await copyFile(made.file, path.join(checkout, 'web', 'root.squashfs'));
    };
    try {
      await put({ a: 'a', gone: 'gone' });
      await run('add');
      await run('commit');
      await put({ a: 'bigger', b: 'new' });
      const text = await run('diff', '--stat');
      assert.match(
        text,
        /^In web: 1 added \(3 B\), 1 changed \(6 B\), 1 removed \(4 B\)\.\n {2}changed +6 B {2}\/a\n {2}deleted +4 B {2}\/gone\n/m,
      );
      const { fileSystems } = JSON.parse(await run('diff', '--stat', '--json')) as {
        fileSystems: { changes: { path: string }[] }[];
      };
      assert.deepEqual(
        fileSystems[0]?.changes.map((change) => change.path),
        ['a', 'b', 'gone'],
      );
    } finally {
      await bench.close();
    }
  });

  it('look after the objects', async () => {
    await run('add');
    await run('commit');
    assert.match(await run('objects', 'check'), /^1 object of 1 B in .*: all are what their names say\.$/m);
    assert.match(
      await run('objects', 'gc', '--dry-run'),
      /^Kept: 1 object of 1 B, named by 1 checkout\nWould remove 0 objects of 0 B\.$/m,
    );
    const { directory } = JSON.parse(await run('objects', 'gc', '--json')) as { directory: string };
    const [id] = await readdir(directory);
    writeFiles(directory, { [id ?? '']: 'damaged' });
    await assert.rejects(pvx.run(folder, 'objects', 'check', '-o', directory), {
      code: 1,
      stdout: /^damaged [0-9a-f]{64} \(.*web\/conf\)$/m,
      stderr: /1 object is damaged or missing\. Mend what checkouts still have with --repair\./,
    });
    assert.match(await run('objects', 'check', '--repair'), /mended from .*web\/conf$/m);
    await assert.rejects(run('objects', 'gc', '-o', 'nowhere'), { code: 1, stderr: /does not exist/ });
  });

  it('keep what pvr says of itself', async () => {
    assert.equal(
      await run('global-config', 'AutoUpgrade=false', 'Nope=1'),
      '{\n    "Spec": "1",\n    "AutoUpgrade": false,\n    "DistributionTag": "develop"\n}\n',
    );
    await assert.rejects(run('global-config', 'AutoUpgrade=yes'), {
      code: 1,
      stderr: /neither true nor false/,
    });
  });
});
