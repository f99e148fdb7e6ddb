import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { byteStringToBytes } from '../../src/core/bytes/byte-string';
import { silentJob } from '../../src/core/job';
import { type Directory, nodeAt, type RegularFile, walk } from '../../src/core/rootfs/tree';
import { CodecPool } from '../../src/core/squashfs/codec-pool';
import type { Compression, SquashfsFormat } from '../../src/core/squashfs/compression';
import { withMounted } from '../device-view/device';
import { listFolder } from '../device-view/folder-listing';
import { differencesBetween, linkDifferencesBetween } from '../device-view/listing';
import { everyInode } from '../unit/squashfs/every-inode';
import { directory, file, type MemoryContent, noise, text, WriterBench } from '../unit/squashfs/memory-tree';
import { withReader } from '../unit/squashfs/sample';
import { folderSource } from './folder-source';
import { expectedListing, expectedView, unsquashfsListing } from './squashfs-listing';

const bench = new WriterBench();
after(() => bench.close());

/** A tree that has a bit of everything. */
function manySidedTree(): Directory<MemoryContent> {
  const sizes = [1, 4095, 4096, 4097, 131071, 131072, 131073, 1048575, 1048576, 1048577];
  const ofSizes = (make: (size: number) => Buffer) =>
    directory(Object.fromEntries(sizes.map((size) => [String(size), file(make(size))])));
  const small = Array.from({ length: 600 }, (_, index) =>
    file(text(index * 5, `small ${index}`), {
      uid: index,
      xattrs: new Map([['user.number', text(index, `${index}`)]]),
    }),
  );
  const zeros = Buffer.alloc(3 << 20);
  return directory({
    every: everyInode(),
    text: ofSizes((size) => text(size)),
    noise: ofSizes((size) => noise(size)),
    zeros: ofSizes((size) => Buffer.alloc(size)),
    holes: file(Buffer.concat([text(5000), zeros, text(1 << 20), zeros, Buffer.from('end')])),
    duplicate: file(text(131073)),
    small: directory(Object.fromEntries(small.map((node, index) => [`small-${index}`, node]))),
    links: directory(Object.fromEntries(small.slice(0, 50).map((node, index) => [`link-${index}`, node]))),
  });
}

/** Asserts that the kernel and unsquashfs see in `image` what `root` is. */
async function isSeenAs(image: string, root: Directory<MemoryContent>): Promise<void> {
  assert.deepEqual(unsquashfsListing(image), expectedListing(root));
  await withMounted([image], async (mounted) => {
    const view = await listFolder(mounted);
    assert.deepEqual(differencesBetween(view, expectedView(root)), []);
    assert.deepEqual(linkDifferencesBetween(view, expectedView(root)), []);

    const names = new Map<unknown, number>();
    for (const [, node] of walk(root)) names.set(node, (names.get(node) ?? 0) + 1);
    for (const [name, node] of walk(root)) {
      const stats = lstatSync(Buffer.concat([Buffer.from(`${mounted}/`), byteStringToBytes(name)]));
      assert.equal(stats.mtimeMs, node.attributes.mtime * 1000, name);
      const folders =
        node.kind === 'directory' ? [...node.children.values()].filter((c) => c.kind === 'directory') : [];
      assert.equal(stats.nlink, node.kind === 'directory' ? 2 + folders.length : names.get(node), name);
    }
  });
}

describe('the kernel and unsquashfs see all that was written', () => {
  const compressions: readonly Compression[] = [
    { compressor: 'xz' },
    { compressor: 'gzip', level: 9 },
    { compressor: 'gzip', level: 3 },
    { compressor: 'zstd', level: 15 },
    { compressor: 'zstd', level: 3 },
  ];
  const root = manySidedTree();
  for (const compression of compressions) {
    for (const blockSize of [4096, 131072, 1048576]) {
      it(`with ${JSON.stringify(compression)} and blocks of ${blockSize}`, async () => {
        const { file: image } = await bench.write(root, { format: { compression, blockSize } });
        await isSeenAs(image, root);
      });
    }
  }

  it('of a tree that is only a root', async () => {
    const empty = directory({}, { mode: 0o711, uid: 7 });
    await isSeenAs((await bench.write(empty)).file, empty);
  });

  it('with attributes as large as Linux allows', async () => {
    const value = (seed: string) => noise(65536, seed);
    const withValue = (seed: string) => file(seed, { xattrs: new Map([['user.large', value(seed)]]) });
    const large = directory({ a: withValue('a'), b: withValue('b'), c: withValue('c') });
    const { file: image } = await bench.write(large);
    await isSeenAs(image, large);
  });

  it('and unsquashfs unpacks it', async () => {
    const { file: image } = await bench.write(root);
    const unpacked = path.join(bench.folder, 'unpacked');
    execFileSync('unsquashfs', ['-d', unpacked, '-no-progress', '-quiet', image], { stdio: 'pipe' });
    const view = await listFolder(unpacked);
    assert.deepEqual(differencesBetween(view, expectedView(root)), []);
    assert.deepEqual(linkDifferencesBetween(view, expectedView(root)), []);
  });
});

const xz: SquashfsFormat = { compression: { compressor: 'xz' }, blockSize: 131072 };
const quick: SquashfsFormat = { compression: { compressor: 'zstd', level: 1 }, blockSize: 131072 };

describe('the kernel finds', () => {
  it('each name in a folder of 100,000 entries, and none that is not there', async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `${(index * 7919) % 100_000}-of-many`);
    const many = directory(
      Object.fromEntries(names.map((name, index) => [name, file('', { mtime: index })])),
    );
    const { file: image } = await bench.write(directory({ dev: many }), { format: quick });
    await withMounted([image], (mounted) => {
      const folder = path.join(mounted, 'dev');
      assert.deepEqual(new Set(readdirSync(folder)), new Set(names));
      // The kernel keeps a few blocks of a table in memory, so that a name somewhere else takes it half a millisecond.
      for (const [index, name] of names.entries()) {
        if (index % 47 === 0) assert.equal(lstatSync(path.join(folder, name)).mtimeMs, index * 1000);
      }
      for (const missing of ['', '!', '00', '50000-of-man', '50000-of-many-', '99999-of-manz', 'zzz']) {
        const location = path.join(folder, `${missing}?`);
        assert.equal(lstatSync(location, { throwIfNoEntry: false }), undefined);
      }
      return Promise.resolve();
    });
  });

  it('inodes by number, as NFS asks for them', async () => {
    const root = directory({ deep: directory({ er: directory({ it: file('found') }), ...manyFiles(3000) }) });
    const { file: image } = await bench.write(root, { format: xz });
    const handle = await withMounted([image], (mounted) =>
      Promise.resolve(perl(nameToHandle, path.join(mounted, 'deep/er/it'))),
    );
    // Another mount, so that the kernel has nothing of the file in memory and must look it up.
    const found = await withMounted([image], (mounted) =>
      Promise.resolve(perl(readByHandle, mounted, handle)),
    );
    assert.equal(found, 'found');
  });
});

const manyFiles = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`file-${index}`, file('')]));

/** Node has no name_to_handle_at(2) and open_by_handle_at(2). A handle is `type:bytes` in hex. */
const nameToHandle = `
  my ($mount, $handle) = ("\\0" x 4, pack("I i", 64, 0) . "\\0" x 64);
  syscall($nameToHandle, -100, "$ARGV[0]\\0", $handle, $mount, 0) == 0 or die "name_to_handle_at: $!";
  print unpack("H*", $handle);
`;
const readByHandle = `
  open(my $mount, "<", $ARGV[0]) or die "$ARGV[0]: $!";
  my $handle = pack("H*", $ARGV[1]);
  my $fd = syscall($openByHandle, fileno($mount), $handle, 0);
  $fd >= 0 or die "open_by_handle_at: $!";
  open(my $file, "<&=", $fd) or die $!;
  print <$file>;
`;

function perl(script: string, ...args: string[]): string {
  const [name, open] = process.arch === 'x64' ? [303, 304] : [264, 265];
  const numbers = `my ($nameToHandle, $openByHandle) = (${name}, ${open});`;
  return execFileSync('perl', ['-e', numbers + script, ...args], { encoding: 'utf8' });
}

describe('beyond 4 GiB', () => {
  const chunkSize = 1 << 20;

  /** `pieces` by where they lie; all else is what `filler` has. */
  function largeFile(
    size: number,
    filler: Buffer,
    pieces: ReadonlyMap<number, string>,
  ): RegularFile<MemoryContent> {
    function* chunks() {
      for (let start = 0; start < size; start += chunkSize) {
        const chunk = filler.subarray(0, Math.min(chunkSize, size - start));
        const inside = [...pieces].filter(([at]) => at >= start && at < start + chunk.length);
        if (inside.length === 0) {
          yield chunk;
          continue;
        }
        const own = Buffer.from(chunk);
        for (const [at, piece] of inside) own.write(piece, at - start, 'latin1');
        yield own;
      }
    }
    return { ...file(''), size, content: { sha256: `of ${size}`, chunks } };
  }

  function readAt(location: string, position: number, length: number): string {
    const descriptor = openSync(location, 'r');
    const bytes = Buffer.alloc(length);
    const read = readSync(descriptor, bytes, 0, length, position);
    closeSync(descriptor);
    return bytes.toString('latin1', 0, read);
  }

  it('a sparse file keeps its bytes, and its holes cost nothing', async () => {
    const size = 2 ** 32 + 200_001;
    const pieces = new Map([
      [5, 'start'],
      [2 ** 31 + 5, 'middle'],
      [2 ** 32 + 100, 'beyond'],
      [size - 3, 'end'],
    ]);
    const root = directory({ large: largeFile(size, Buffer.alloc(chunkSize), pieces) });
    const { file: image, size: imageSize } = await bench.write(root, { format: xz });
    assert.ok(imageSize < 100_000);
    await withMounted([image], (mounted) => {
      const location = path.join(mounted, 'large');
      const stats = statSync(location);
      assert.equal(stats.size, size);
      assert.ok(stats.blocks * 512 <= 4 * 131072 && stats.blocks > 0);
      for (const [at, piece] of pieces) assert.equal(readAt(location, at, piece.length), piece);
      assert.equal(readAt(location, 2 ** 32 - 2, 4), '\0\0\0\0');
      assert.equal(readAt(location, size - 5, 100), '\0\0end');
      return Promise.resolve();
    });
    await withReader(image, async (reader) => {
      const node = nodeAt(await reader.readTree(silentJob()), 'large');
      assert.ok(node?.kind === 'file' && node.size === size);
      for (const [at, piece] of pieces) {
        const read: Uint8Array[] = [];
        const range = { start: at, end: at + piece.length };
        for await (const chunk of reader.read(node, silentJob(), range)) read.push(chunk);
        assert.equal(Buffer.concat(read).toString(), piece);
      }
    });
  });

  it('blocks, fragments and tables of the file system lie as well as before', async () => {
    const pool = new CodecPool({ directory: bench.pool.directory, workers: 1 });
    // Nothing is compressed: what matters is where it lies.
    pool.compress = () => Promise.resolve(undefined);
    const end = 'the end of the large file';
    const size = 2 ** 32 + 1_000_000;
    const root = directory({
      large: largeFile(size, noise(chunkSize), new Map([[size - end.length, end]])),
      next: file(text(300_000)),
      small: file('in a fragment'),
      ...manyFiles(1000),
    });
    const { file: image, size: imageSize } = await bench.write(root, { format: quick, pool });
    await pool.close();
    assert.ok(imageSize > size);
    await withMounted([image], (mounted) => {
      assert.equal(readAt(path.join(mounted, 'large'), size - end.length, 1000), end);
      assert.equal(readAt(path.join(mounted, 'next'), 0, 400_000), text(300_000).toString());
      assert.equal(readAt(path.join(mounted, 'small'), 0, 100), 'in a fragment');
      assert.equal(readdirSync(mounted).length, 1003);
      return Promise.resolve();
    });
    assert.deepEqual(unsquashfsListing(image), expectedListing(root));
  });
});

describe('beside mksquashfs', () => {
  /** Programs of this machine, as many as have some 10 MB. */
  function programs(): string {
    const folder = path.join(bench.folder, 'programs');
    mkdirSync(folder);
    let left = 10_000_000;
    for (const name of readdirSync('/usr/bin').sort()) {
      const program = path.join('/usr/bin', name);
      const { size } = lstatSync(program);
      if (size > left) continue;
      left -= size;
      execFileSync('cp', ['--archive', program, folder]);
    }
    return folder;
  }

  const folders = { '/usr/share/perl': () => '/usr/share/perl', 'a part of /usr/bin': programs };
  for (const [name, folderOf] of Object.entries(folders)) {
    it(`${name} takes at most 1 % more, and is the same to the kernel`, async () => {
      const folder = folderOf();
      const { file: ours, size } = await bench.writeFrom(await folderSource(folder), { format: xz });
      const theirs = bench.newFile();
      execFileSync('mksquashfs', [folder, theirs, '-comp', 'xz', '-noappend', '-no-progress', '-quiet']);
      assert.ok(
        size <= statSync(theirs).size * 1.01,
        `${size} bytes, and ${statSync(theirs).size} of mksquashfs`,
      );
      const fragmentsOf = (image: string) =>
        withReader(image, ({ superblock }) => Promise.resolve(superblock.fragmentCount));
      const [mine, others] = [await fragmentsOf(ours), await fragmentsOf(theirs)];
      assert.ok(mine <= others, `${mine} fragment blocks, and ${others} of mksquashfs`);
      await withMounted([ours], async (mounted) => {
        const [view, expected] = [await listFolder(mounted), await listFolder(folder)];
        assert.deepEqual(differencesBetween(view, expected), []);
        assert.deepEqual(linkDifferencesBetween(view, expected), []);
      });
    });
  }
});
