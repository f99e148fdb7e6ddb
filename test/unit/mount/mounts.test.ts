import assert from 'node:assert/strict';
import { readFile, rename, stat } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { binaryComparison } from '../../../src/core/mount/binary-facts';
import { compareMounts } from '../../../src/core/mount/compare-mounts';
import { readFacts, readFolder, requireFile, type EntryFacts } from '../../../src/core/mount/entries';
import { Mounts, type Mount, type MountFiles } from '../../../src/core/mount/mounts';
import { saveCopy } from '../../../src/core/mount/save-copy';
import { searchFiles } from '../../../src/core/mount/search-files';
import { squashfsFacts } from '../../../src/core/mount/squashfs-facts';
import { textChanges } from '../../../src/core/mount/text-changes';
import { Problem } from '../../../src/core/problem';
import { makeElf } from './elf-maker';
import { codecDirectory, numbers, sampleFile, samples } from '../squashfs/sample';
import { device, directory, file, noise, symlink, text, WriterBench } from '../squashfs/memory-tree';

const old = directory({
  etc: directory({
    'web.conf': file('listen 80\nworkers 1\n'),
    'old.conf': file('gone\n'),
    same: file('1234'),
    localtime: symlink('/usr/share/zone'),
  }),
  lib: symlink('usr/lib'),
  usr: directory({
    lib: directory({ 'libbig.so': file(noise(300_000)) }),
    share: directory({ zone: file('UTC') }),
  }),
  loop: symlink('circle'),
  circle: symlink('loop'),
  dangling: symlink('/nowhere'),
  escape: symlink('../../../../etc/web.conf'),
});
const overlay = directory({
  etc: directory({
    'web.conf': file('listen 81\nworkers 1\n'),
    'old.conf': device('char', 0, 0, { mode: 0 }),
    'new.conf': file('Fresh Start\n'),
  }),
});

describe('mounts', () => {
  const bench = new WriterBench();
  const mounts = new Mounts(codecDirectory);
  let base: string;
  let above: string;
  after(() => bench.close());
  before(async () => {
    base = (await bench.write(old)).file;
    above = (await bench.write(overlay)).file;
  });

  const at = <T>(files: MountFiles, use: (mount: Mount) => T | Promise<T>) => mounts.use(files, use);
  const content = async (mount: Mount, path: string, range?: { start: number; end: number }) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of mount.read(requireFile(mount, path), silentJob(), range)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('latin1');
  };
  const names = async (files: MountFiles, path: string) => {
    const listed = await at(files, (mount) => readFolder(mount, path));
    assert.ok(!('absent' in listed), JSON.stringify(listed));
    return listed.map(({ name, kind, isLink }) => `${name} ${kind}${isLink ? ' link' : ''}`).sort();
  };

  it('show one file as it is, whiteouts and all', async () => {
    assert.deepEqual(await names([above], 'etc'), ['new.conf file', 'old.conf char', 'web.conf file']);
    assert.equal(await at([above], (mount) => content(mount, 'etc/web.conf')), 'listen 81\nworkers 1\n');
  });

  it('show an overlay on its base as the device does', async () => {
    assert.deepEqual(await names([base, above], 'etc'), [
      'localtime file link',
      'new.conf file',
      'same file',
      'web.conf file',
    ]);
    await at([base, above], async (mount) => {
      assert.equal(await content(mount, 'etc/web.conf'), 'listen 81\nworkers 1\n');
      assert.equal(await content(mount, 'etc/same'), '1234');
      assert.equal(
        await content(mount, 'lib/libbig.so', { start: 131_000, end: 132_000 }),
        noise(300_000).subarray(131_000, 132_000).toString('latin1'),
      );
    });
  });

  it('follow links inside, and never out', async () => {
    await at([base], async (mount) => {
      assert.equal(await content(mount, 'etc/localtime'), 'UTC');
      assert.equal(await content(mount, 'escape'), 'listen 80\nworkers 1\n');
      assert.deepEqual(await names([base], 'lib'), ['libbig.so file']);
      const { modified, ...facts } = readFacts(mount, 'lib') as EntryFacts;
      assert.equal(modified, Math.floor((await stat(base)).mtimeMs));
      assert.deepEqual(facts, { kind: 'directory', isLink: true, size: 0, mtime: 1_700_000_000 });
      assert.equal((readFacts(mount, 'dangling') as { kind: string }).kind, 'symlink');
    });
    assert.deepEqual(
      (await names([base], '')).filter((name) => /loop|circle|dangling/.test(name)),
      ['circle symlink link', 'dangling symlink link', 'loop symlink link'],
    );
  });

  it('say what is not there', async () => {
    await at([base], (mount) => {
      assert.deepEqual(readFacts(mount, 'etc/none'), { absent: 'missing' });
      assert.deepEqual(readFacts(mount, 'etc/web.conf/none'), { absent: 'missing' });
      assert.deepEqual(readFacts(mount, 'loop'), { absent: 'linkLoop' });
      assert.deepEqual(readFacts(mount, 'loop/x'), { absent: 'linkLoop' });
      assert.deepEqual(readFolder(mount, 'etc/web.conf'), { absent: 'noFolder' });
      for (const [path, found] of [
        ['none', 'there is no such file'],
        ['loop', 'symbolic links lead in a circle'],
        ['dangling', 'the symbolic link leads to nothing'],
        ['etc', 'it is a folder'],
      ] as const)
        assert.throws(
          () => requireFile(mount, path),
          (error) => error instanceof Problem && error.found === found,
        );
    });
    await assert.rejects(
      at([`${base}.none`], () => undefined),
      Problem,
    );
  });

  it('see another file that takes the place of one', async () => {
    const place = (await bench.write(directory({ a: file('one') }))).file;
    assert.deepEqual(await names([place], ''), ['a file']);
    const next = (await bench.write(directory({ b: file('two') }))).file;
    await rename(next, place);
    assert.deepEqual(await names([place], ''), ['b file']);
  });

  it('answer many at once, and when more are used than are kept', async () => {
    const many = await Promise.all(
      Array.from({ length: 9 }, (_, at) => bench.write(directory({ n: file(String(at)) }))),
    );
    for (let round = 0; round < 2; round++) {
      const read = await Promise.all(many.map(({ file: one }) => at([one], (mount) => content(mount, 'n'))));
      assert.equal(read.join(''), '012345678');
    }
  });

  it('save a copy whole, or leave what is there', async () => {
    const target = bench.newFile();
    await at([base], (mount) => saveCopy(mount, 'lib/libbig.so', target, silentJob()));
    assert.deepEqual(await readFile(target), noise(300_000));
    const stop = new AbortController();
    const job = { ...silentJob(), signal: stop.signal, progress: () => stop.abort() };
    await assert.rejects(
      at([base], (mount) => saveCopy(mount, 'usr/lib/libbig.so', target, job)),
      /abort/i,
    );
    assert.deepEqual(await readFile(target), noise(300_000));
    await assert.rejects(
      at([base], (mount) => saveCopy(mount, 'etc/same', `${target}/below/a/file`, silentJob())),
      (error) => error instanceof Problem && error.doing.startsWith('writing '),
    );
  });

  it('find texts in names and lines, with large letters only where they are asked for', async () => {
    const found = (wanted: string) => at([base, above], (mount) => searchFiles(mount, wanted, silentJob()));
    assert.deepEqual(await found('workers'), {
      names: [],
      lines: [{ path: 'etc/web.conf', line: 1, column: 0, length: 7, preview: 'workers 1' }],
      isCut: false,
    });
    assert.equal((await found('fresh')).lines.length, 1);
    assert.equal((await found('FRESH')).lines.length, 0);
    assert.equal((await found('Fresh')).lines.length, 1);
    assert.deepEqual((await found('libbig')).names, ['usr/lib/libbig.so']);
    assert.deepEqual((await found('gone')).lines, []);
    assert.deepEqual(await found(''), { names: [], lines: [], isCut: false });
  });

  it('count lines as editors do, however they end and wherever blocks do', async () => {
    const lines = `${text(4094).toString()}\r`;
    const { file: one } = await bench.write(
      directory({
        crlf: file(`${lines}\nneedle\rneedle\nend`),
        log: file('needle\n'.repeat(80)),
        bin: file('needle\0'),
      }),
    );
    const { lines: found, isCut } = await at([one], (mount) => searchFiles(mount, 'needle', silentJob()));
    const first = lines.split('\n').length;
    assert.deepEqual(
      found.filter(({ path }) => path === 'crlf').map(({ line }) => line),
      [first, first + 1],
    );
    assert.equal(found.filter(({ path }) => path === 'log').length, 50);
    assert.equal(found.filter(({ path }) => path === 'bin').length, 0);
    assert.equal(isCut, true);
  });

  it('compare any two by content, and tell what can be read side by side', async () => {
    const changed = directory({
      etc: directory({ 'web.conf': file('listen 81\nworkers 1\n'), same: file('1234', { mode: 0o600 }) }),
      usr: directory({ lib: directory({ 'libbig.so': file(noise(300_000, 'other')) }) }),
      new: directory({ readme: file('hello') }),
    });
    const { file: other } = await bench.write(changed);
    await at([base], (was) =>
      at([other], async (is) => {
        const changes = await compareMounts(was, is, bench.pool, silentJob());
        assert.deepEqual(
          changes.map(({ path, change, details }) => [path, change, ...details].join(' ')),
          [
            'circle deleted',
            'dangling deleted',
            'escape deleted',
            'etc/localtime deleted',
            'etc/old.conf deleted',
            'etc/same attributes mode 0644 → 0600',
            'etc/web.conf changed',
            'lib deleted',
            'loop deleted',
            'new added',
            'new/readme added',
            'usr/lib/libbig.so changed',
            'usr/share deleted',
          ],
        );
        assert.deepEqual(await textChanges(changes, was, is, silentJob()), {
          changes: [
            { path: 'etc/old.conf', change: 'deleted' },
            { path: 'etc/web.conf', change: 'changed' },
            { path: 'new/readme', change: 'added' },
          ],
          others: 1,
        });
      }),
    );
    await at([base], (was) =>
      at([base], async (is) => assert.deepEqual(await compareMounts(was, is, bench.pool, silentJob()), [])),
    );
  });

  it('compare overlays as they are, whiteouts too', async () => {
    const { file: other } = await bench.write(
      directory({ etc: directory({ 'new.conf': file('Fresh Start\n') }) }),
    );
    await at([above], (was) =>
      at([other], async (is) => {
        const changes = await compareMounts(was, is, bench.pool, silentJob());
        assert.deepEqual(
          changes.map(({ path, change, kind }) => `${path} ${change} ${kind}`),
          ['etc/old.conf deleted char', 'etc/web.conf deleted file'],
        );
      }),
    );
  });

  it('tells what binary files are, and where they begin to differ', async () => {
    const elf = makeElf({ bits: 64, byteOrder: 'little' });
    const large = Buffer.from(noise(400_000));
    const other = Buffer.from(large);
    other[300_001] = (other[300_001] ?? 0) ^ 1;
    const tree = (lib: Buffer, blob: Buffer) =>
      directory({ lib: file(lib), blob: file(blob), text: file('a\n'), link: symlink('lib') });
    const one = [(await bench.write(tree(elf, large))).file];
    const two = [(await bench.write(tree(elf.subarray(0, 2000), other))).file];
    const compare = (path: string, before: MountFiles | undefined, after: MountFiles | undefined) => {
      const use = <T>(files: MountFiles | undefined, then: (mount: Mount | undefined) => Promise<T>) =>
        files === undefined ? then(undefined) : at(files, then);
      return use(before, (was) =>
        use(after, (is) =>
          binaryComparison(was && { mount: was, path }, is && { mount: is, path }, silentJob()),
        ),
      );
    };
    assert.deepEqual(await compare('blob', one, two), {
      before: { size: 400_000, elf: undefined },
      after: { size: 400_000, elf: undefined },
      same: 300_001,
    });
    const lib = await compare('link', one, two);
    assert.deepEqual([lib?.before?.size, lib?.after?.size, lib?.same], [2048, 2000, 2000]);
    assert.equal(lib?.after?.elf?.soname, 'libkitchen.so.2');
    assert.equal((await compare('blob', one, one))?.same, 400_000);
    assert.deepEqual(Object.keys((await compare('lib', undefined, two)) ?? {}), ['before', 'after', 'same']);
    assert.equal((await compare('lib', undefined, two))?.same, undefined);
    assert.equal(await compare('text', one, two), undefined);
    assert.equal(await compare('nowhere', one, two), undefined);
  });
});

describe('what a SquashFS file says of itself', () => {
  for (const sample of samples) {
    it(`is read of ${sample}`, async () => {
      const facts = await new Mounts(codecDirectory).useFile(sampleFile(sample), squashfsFacts);
      assert.equal(facts.blockSize, 4096);
      assert.equal(facts.inodes, 280);
      assert.equal(facts.created, 1_700_000_001);
      assert.equal(facts.ids, 3);
      assert.equal(facts.hasXattrs, true);
      if (sample !== 'stored') assert.equal(facts.compressor, sample);
      assert.equal(facts.flags.includes('dataStored'), sample === 'stored');
      assert.ok(facts.bytesUsed <= facts.size);
    });

    it(`holds what can be searched: ${sample}`, async () => {
      const { lines } = await new Mounts(codecDirectory).use([sampleFile(sample)], (mount) =>
        searchFiles(mount, '1999', silentJob()),
      );
      assert.deepEqual(
        lines.map(({ path, line }) => [path, line]),
        [['usr/bin/numbers', numbers.toString().split('\n').indexOf('1999')]],
      );
    });
  }
});
