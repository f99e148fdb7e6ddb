import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ByteString, byteStringToBytes } from '../../src/core/bytes/byte-string';
import { silentJob } from '../../src/core/job';
import { type Directory, type Node, nodeAt, type RegularFile, walk } from '../../src/core/rootfs/tree';
import { CodecPool } from '../../src/core/squashfs/codec-pool';
import type { Compression } from '../../src/core/squashfs/compression';
import { hashContents } from '../../src/core/squashfs/hash-contents';
import { type BlockContent, SquashfsReader } from '../../src/core/squashfs/reader';
import { expectedListing, unsquashfsListing } from './squashfs-listing';

const codecDirectory = path.resolve('dist');
const folder = mkdtempSync(path.join(tmpdir(), 'squashfs-reader-'));
const source = path.join(folder, 'source');
const image = path.join(folder, 'image.squashfs');
const pool = new CodecPool({ directory: codecDirectory, workers: 2 });

after(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

function mksquashfs(from: string, ...options: string[]): void {
  execFileSync('mksquashfs', [from, image, '-noappend', '-no-progress', '-quiet', ...options], {
    stdio: 'pipe',
  });
}

async function withImage<T>(
  use: (reader: SquashfsReader, root: Directory<BlockContent>) => T | Promise<T>,
): Promise<T> {
  const reader = await SquashfsReader.open(image, codecDirectory);
  try {
    return await use(reader, await reader.readTree(silentJob()));
  } finally {
    await reader.close();
  }
}

const sourcePath = (name: ByteString) => Buffer.concat([Buffer.from(`${source}/`), byteStringToBytes(name)]);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Text that compresses, and is never twice the same. */
function text(length: number): Buffer {
  const lines: string[] = [];
  for (let size = 0, line = length; size < length; line += 7) {
    lines.push(`line ${line} of a file of ${length} bytes\n`);
    size += 30;
  }
  return Buffer.from(lines.join('')).subarray(0, length);
}

const xattrs = [
  ['', 'user.root', Buffer.from('of the root')],
  ['sizes', 'user.comment', Buffer.from('of a folder')],
  ['sizes/4096', 'security.capability', Buffer.from('0100000200200000000000000000000000000000', 'hex')],
  ['sizes/4096', 'user.binary', Buffer.from([0, 1, 254, 255, 0])],
  ['sizes/4096', 'user.empty', Buffer.alloc(0)],
  ['sizes/4097', 'user.long', text(2000)],
  ['sizes/8192', 'user.long', text(2000)],
  ['link', 'trusted.overlay.opaque', Buffer.from('y')],
  ['console', 'trusted.a', Buffer.from('1')],
] as const;

const sizes = [0, 1, 4095, 4096, 4097, 8192, 131071, 131072, 131073, 262144, 1048575, 1048576, 1048577];

before(() => {
  mkdirSync(path.join(source, 'sizes'), { recursive: true });
  for (const size of sizes) writeFileSync(path.join(source, 'sizes', String(size)), text(size));
  for (const size of sizes) writeFileSync(path.join(source, 'sizes', `noise-${size}`), noise(size));
  writeFileSync(path.join(source, 'duplicate'), text(131073));
  writeFileSync(path.join(source, 'zeros'), Buffer.alloc(400_000));
  writeFileSync(path.join(source, 'holes'), text(5000));
  truncateSync(path.join(source, 'holes'), 3_000_000);
  writeFileSync(path.join(source, 'hole-first'), '');
  truncateSync(path.join(source, 'hole-first'), 2 << 20);
  writeFileSync(path.join(source, 'hole-first'), text(10), { flag: 'a' });

  mkdirSync(path.join(source, 'deep', ...Array<string>(50).fill('er')), { recursive: true });
  mkdirSync(path.join(source, 'many'));
  for (let index = 0; index < 3000; index++)
    writeFileSync(path.join(source, 'many', `small-${index}`), text(index));
  for (const [name, mode] of [
    ['setuid', 0o4755],
    ['setgid', 0o2644],
    ['sticky', 0o1777],
    ['nothing', 0],
  ] as const) {
    writeFileSync(path.join(source, name), name);
    chmodSync(path.join(source, name), mode);
  }
  for (const name of [' name with spaces ', 'ümläut', '.hidden', 'n'.repeat(255)])
    writeFileSync(path.join(source, name), name);
  writeFileSync(sourcePath('not-utf8-\xff\xfe'), 'bytes');
  for (let index = 0; index < 300; index++) {
    const file = path.join(source, `owned-${index}`);
    writeFileSync(file, '');
    chownSync(file, 1000 + index, 4_000_000_000 - index);
  }
  linkSync(path.join(source, 'setuid'), path.join(source, 'deep', 'setuid-too'));
  linkSync(path.join(source, 'setuid'), path.join(source, 'many', 'setuid-too'));
  symlinkSync('../somewhere/else', path.join(source, 'link'));
  symlinkSync('x'.repeat(4000), path.join(source, 'long-link'));
  execFileSync('mknod', [path.join(source, 'console'), 'c', '5', '1']);
  execFileSync('mknod', [path.join(source, 'disk'), 'b', '8', '200']);
  execFileSync('mknod', [path.join(source, 'whiteout'), 'c', '0', '0']);
  execFileSync('mkfifo', [path.join(source, 'fifo')]);
  linkSync(path.join(source, 'fifo'), path.join(source, 'fifo-too'));
  for (const [name, key, value] of xattrs) {
    execFileSync('setfattr', ['-h', '-n', key, '-v', `0x${value.toString('hex')}`, path.join(source, name)]);
  }
  utimesSync(path.join(source, 'zeros'), 0, 0);
  utimesSync(path.join(source, 'duplicate'), 4_294_967_295, 4_294_967_295);
});

function noise(length: number): Buffer {
  const chunks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`${length} ${index}`).digest(),
  );
  return Buffer.concat(chunks).subarray(0, length);
}

/** Everything a reader can tell, against unsquashfs and the folder that the image was made from. */
async function agreesWithSource(): Promise<void> {
  await withImage(async (reader, root) => {
    assert.deepEqual(expectedListing(root), unsquashfsListing(image));

    const files = new Set<RegularFile<BlockContent>>();
    for (const [, node] of walk(root)) if (node.kind === 'file') files.add(node);
    const hashes = await hashContents(reader, [...files], pool, silentJob());
    for (const [name, node] of walk(root)) {
      if (node.kind !== 'file') continue;
      assert.equal(hashes.get(node), sha256(readFileSync(sourcePath(name))), name);
    }
    for (const name of ['sizes/131073', 'sizes/noise-1048577', 'hole-first', 'holes', 'many/small-2999']) {
      const node = nodeAt(root, name);
      assert.ok(node?.kind === 'file');
      const hash = createHash('sha256');
      for await (const chunk of reader.read(node, silentJob())) hash.update(chunk);
      assert.equal(hash.digest('hex'), hashes.get(node), name);
    }

    const byInode = new Map<number, Node<BlockContent>>();
    for (const [name, node] of walk(root)) {
      const { ino } = lstatSync(sourcePath(name));
      assert.equal(byInode.get(ino) ?? node, node, `${name} is another name of one inode`);
      byInode.set(ino, node);
    }
    assert.equal(
      new Set(byInode.values()).size,
      byInode.size,
      'names of different inodes have different nodes',
    );
  });
}

async function hasXattrs(): Promise<void> {
  await withImage((_, root) => {
    const found = [['', root] as const, ...walk(root)].flatMap(([name, node]) =>
      [...node.attributes.xattrs].map(([key, value]) => [name, key, value] as const),
    );
    const sorted = (list: readonly (readonly [string, string, Buffer])[]) =>
      list.map(([name, key, value]) => `${name} ${key}=${value.toString('hex')}`).sort();
    assert.deepEqual(sorted(found), sorted(xattrs));
  });
}

describe('SquashfsReader reads what mksquashfs writes', () => {
  for (const compressor of ['gzip', 'xz', 'zstd', 'lz4']) {
    for (const blockSize of [4096, 131072, 1048576]) {
      it(`with ${compressor} and blocks of ${blockSize}`, async () => {
        // A fast level, where there is one: what is tested is the reading.
        const level =
          { zstd: ['-Xcompression-level', '3'], gzip: ['-Xcompression-level', '3'] }[compressor] ?? [];
        mksquashfs(source, '-comp', compressor, '-b', String(blockSize), ...level);
        await agreesWithSource();
        await hasXattrs();
      });
    }
  }

  const optionSets = [
    ['-comp', 'gzip', '-no-fragments'],
    ['-comp', 'gzip', '-always-use-fragments'],
    ['-comp', 'gzip', '-no-duplicates', '-no-sparse', '-no-exports'],
    ['-comp', 'lz4', '-Xhc', '-noI', '-noId'],
    ['-comp', 'gzip', '-noI', '-noD', '-noF', '-noX'],
    ['-comp', 'xz', '-b', '65536', '-Xbcj', 'x86,arm', '-Xdict-size', '100%'],
    [
      '-comp',
      'gzip',
      '-Xstrategy',
      'default,filtered,huffman_only,run_length_encoded,fixed',
      '-Xwindow-size',
      '9',
    ],
  ];
  for (const options of optionSets) {
    it(`with ${options.join(' ')}`, async () => {
      mksquashfs(source, ...options);
      await agreesWithSource();
      await hasXattrs();
    });
  }

  it('without xattrs', async () => {
    mksquashfs(source, '-comp', 'lz4', '-no-xattrs');
    await agreesWithSource();
    await withImage((_, root) => {
      for (const [, node] of walk(root)) assert.equal(node.attributes.xattrs.size, 0);
    });
  });
});

describe('SquashfsReader', () => {
  it('says how to write a file like one that is there', async () => {
    const empty = path.join(folder, 'empty');
    mkdirSync(empty);
    const formatOf = async (...options: string[]): Promise<Compression> => {
      mksquashfs(empty, ...options);
      return withImage((reader) => reader.format.compression);
    };
    assert.deepEqual(await formatOf('-comp', 'xz'), { compressor: 'xz' });
    assert.deepEqual(await formatOf('-comp', 'gzip'), { compressor: 'gzip', level: 9 });
    assert.deepEqual(await formatOf('-comp', 'gzip', '-Xcompression-level', '4'), {
      compressor: 'gzip',
      level: 4,
    });
    assert.deepEqual(await formatOf('-comp', 'zstd'), { compressor: 'zstd', level: 15 });
    assert.deepEqual(await formatOf('-comp', 'zstd', '-Xcompression-level', '7'), {
      compressor: 'zstd',
      level: 7,
    });
    assert.deepEqual(await formatOf('-comp', 'lz4'), { compressor: 'xz' });
    await assert.rejects(formatOf('-comp', 'lzo'), /compressed with lzo, .*Rebuild it with xz/);
    await assert.rejects(formatOf('-comp', 'lzma'), /compressed with lzma, .*Rebuild it with xz/);
  });

  it('reads a folder of 100,000 entries', async () => {
    const large = path.join(folder, 'large');
    mkdirSync(path.join(large, 'dev'), { recursive: true });
    execFileSync('sh', ['-c', 'seq -f node-%.0f 100000 | xargs touch'], { cwd: path.join(large, 'dev') });
    mksquashfs(large, '-comp', 'lz4');
    await withImage((_, root) => {
      assert.deepEqual(expectedListing(root), unsquashfsListing(image));
      const dev = nodeAt(root, 'dev');
      assert.ok(dev?.kind === 'directory');
      assert.equal(dev.children.size, 100_000);
    });
  });

  it('allocates nothing for tables that are too large to be true', async () => {
    copyFileSync('test/fixtures/squashfs/sample-stored.squashfs', image);
    const size = 2 ** 32;
    truncateSync(image, size);
    const descriptor = openSync(image, 'r+');
    const field = Buffer.alloc(8);
    field.writeBigUInt64LE(BigInt(size));
    writeSync(descriptor, field, 0, 8, 40);
    // Fragment, export, id and xattr tables lie at the end, so that the directory table has all that is before.
    field.writeBigUInt64LE(BigInt(size - 100));
    for (const at of [48, 56, 80, 88]) writeSync(descriptor, field, 0, 8, at);
    closeSync(descriptor);
    const before = process.memoryUsage().arrayBuffers;
    await assert.rejects(
      withImage(() => undefined),
      /its tables describe more than 512 MiB/,
    );
    assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 26);
  });

  it('says of a file that it can be mounted, if and only if the kernel mounts it', async () => {
    const small = path.join(folder, 'small');
    const mounted = path.join(folder, 'mounted');
    mkdirSync(small);
    mkdirSync(mounted);
    writeFileSync(path.join(small, 'file'), text(70_001));
    mksquashfs(small, '-nopad', '-comp', 'gzip');
    const bytes = readFileSync(image);
    const whole = Math.ceil(bytes.length / 1024) * 1024;
    for (const size of new Set([bytes.length, whole - 1, whole - 512, whole, whole + 1, whole + 4096])) {
      if (size < bytes.length) continue;
      writeFileSync(image, Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]));
      const says = await withImage((reader) => {
        try {
          reader.requireMountable();
          return true;
        } catch {
          return false;
        }
      });
      const { status } = spawnSync('mount', ['-t', 'squashfs', '-o', 'loop,ro', image, mounted]);
      if (status === 0) execFileSync('umount', [mounted]);
      assert.equal(says, status === 0, `${size} bytes, of which ${bytes.length} are used`);
    }
  });

  it('reads files of more than 4 GiB, and ranges of them', async () => {
    const sparse = path.join(folder, 'sparse');
    mkdirSync(sparse);
    const file = path.join(sparse, 'large');
    const size = 2 ** 32 + 200_001;
    const descriptor = openSync(file, 'w');
    const [middle, end] = [2 ** 31 + 5, size - 6];
    writeSync(descriptor, 'middle', middle);
    writeSync(descriptor, 'at end', end);
    closeSync(descriptor);
    mksquashfs(sparse, '-comp', 'gzip');

    await withImage(async (reader, root) => {
      const large = nodeAt(root, 'large');
      assert.ok(large?.kind === 'file');
      assert.equal(large.size, size);
      const range = async (start: number, to: number) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of reader.read(large, silentJob(), { start, end: to })) chunks.push(chunk);
        return Buffer.concat(chunks).toString();
      };
      assert.equal(await range(middle - 2, middle + 8), '\0\0middle\0\0');
      assert.equal(await range(end - 2, size + 10), '\0\0at end');
      assert.equal(await range(2 ** 32 - 1, 2 ** 32 + 1), '\0\0');
      const [expected] = execFileSync('sha256sum', [file], { encoding: 'utf8' }).split(' ');
      assert.equal((await hashContents(reader, [large], pool, silentJob())).get(large), expected);
    });
  });
});
