import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { sha256OfFile } from '../../../src/core/files/hash-file';
import { silentJob } from '../../../src/core/job';
import { Problem } from '../../../src/core/problem';
import { inTerminalWords } from '../../../src/core/remedy';
import { type Directory, type Node, nodeAt, walk } from '../../../src/core/rootfs/tree';
import { CodecPool } from '../../../src/core/squashfs/codec-pool';
import type { Compression } from '../../../src/core/squashfs/compression';
import { superblockFlags } from '../../../src/core/squashfs/format';
import type { BlockContent } from '../../../src/core/squashfs/reader';
import { writeSquashfs } from '../../../src/core/squashfs/writer';
import { everyInode } from './every-inode';
import {
  directory,
  file,
  type MemoryContent,
  noise,
  smallXz,
  sourceOf,
  text,
  WriterBench,
} from './memory-tree';
import { codecDirectory, contentOf, withReader } from './sample';
import { readXzHeader, xzCheckCrc32 } from './xz-header';

const bench = new WriterBench();
after(() => bench.close());

/** All that a node is, but what its bytes are. */
function describeNode(node: Node<unknown>): unknown {
  const { mode, uid, gid, mtime } = node.attributes;
  const values = [...node.attributes.xattrs].map(([name, value]) => [name, value.toString('hex')]).sort();
  const common = { mode, uid, gid, mtime, xattrs: values };
  switch (node.kind) {
    case 'file':
      return { ...common, kind: node.kind, size: node.size };
    case 'symlink':
      return { ...common, kind: node.kind, target: node.target };
    case 'char':
    case 'block':
      return { ...common, kind: node.kind, major: node.major, minor: node.minor };
    case 'directory':
    case 'fifo':
    case 'socket':
      return { ...common, kind: node.kind };
  }
}

/** Asserts that `image` holds `expected`: all names, in the same order, attributes, bytes and links. */
async function holds(image: string, expected: Directory<MemoryContent>): Promise<void> {
  await withReader(image, async (reader) => {
    const root = await reader.readTree(silentJob());
    const described = (tree: Directory<unknown>) =>
      [['', tree] as const, ...walk(tree)].map(([name, node]) => [name, describeNode(node)]);
    assert.deepEqual(described(root), described(expected));
    const partners = new Map<Node<unknown>, Node<BlockContent>>();
    for (const [name, node] of walk(expected)) {
      const found = nodeAt(root, name);
      assert.ok(found);
      assert.equal(partners.get(node) ?? found, found, `${name} is linked to its other names`);
      partners.set(node, found);
      if (node.kind !== 'file') continue;
      const expectedBytes = Buffer.concat([...node.content.chunks()]);
      assert.ok(expectedBytes.equals(await contentOf(reader, found)), `the bytes of ${name}`);
    }
    assert.equal(new Set(partners.values()).size, partners.size, 'nothing else is linked');
  });
}

describe('writeSquashfs', () => {
  const compressions: readonly Compression[] = [
    { compressor: 'xz' },
    { compressor: 'gzip', level: 9 },
    { compressor: 'gzip', level: 1 },
    { compressor: 'zstd', level: 15 },
    { compressor: 'zstd', level: 3 },
  ];
  for (const compression of compressions) {
    for (const blockSize of [4096, 131072, 1048576]) {
      it(`keeps all of a tree: ${JSON.stringify(compression)}, blocks of ${blockSize}`, async () => {
        const format = { compression, blockSize };
        const tree = everyInode();
        const { file: image } = await bench.write(tree, { format });
        await holds(image, tree);
        assert.deepEqual(await withReader(image, (reader) => Promise.resolve(reader.format)), format);
      });
    }
  }

  it('keeps trees whose tables end at the border of a metadata block, or near it', async () => {
    // 256 inodes fill a block, and so do 256 entries below a header, if one name is as much shorter as the header is long.
    const names = Array.from({ length: 513 }, (_, index) => String(index).padStart(24, '0'));
    names[0] = '0'.repeat(12);
    for (const count of [254, 255, 256, 257, 511, 512, 513]) {
      const tree = directory({
        only: directory(Object.fromEntries(names.slice(0, count).map((name) => [name, file('')]))),
      });
      await holds((await bench.write(tree)).file, tree);
    }
  });

  it('writes a tree that is only a root', async () => {
    const root = directory({}, { mode: 0o700 });
    const { file: image, size } = await bench.write(root);
    await holds(image, root);
    assert.equal(size, 4096);
  });

  for (const blockSize of [4096, 131072, 1048576]) {
    it(`compresses with xz as the kernel can read it: CRC32 and a dictionary of ${blockSize}`, async () => {
      const small = Array.from({ length: 200 }, (_, index) => [`${index}`, file(text(1000))] as const);
      const tree = directory({ ...Object.fromEntries(small), large: file(text(blockSize, 'large')) });
      const { file: image } = await bench.write(tree, { format: { ...smallXz, blockSize } });
      const bytes = readFileSync(image);
      await withReader(image, async (reader) => {
        const large = nodeAt(await reader.readTree(silentJob()), 'large');
        assert.ok(large?.kind === 'file');
        const metadataHeader = 2;
        const { inodeTable, directoryTable } = reader.superblock;
        for (const [what, position] of Object.entries({
          data: large.content.start,
          fragment: (await reader.fragmentTable()).get(0).position,
          inodes: inodeTable + metadataHeader,
          directories: directoryTable + metadataHeader,
        })) {
          const header = readXzHeader(bytes.subarray(position));
          assert.deepEqual(header, { check: xzCheckCrc32, dictionarySize: blockSize }, what);
        }
      });
    });
  }

  it('answers the size of what it wrote, padded to whole 4 KiB', async () => {
    const written = await bench.write(everyInode());
    const bytes = readFileSync(written.file);
    assert.equal(bytes.length, written.size);
    assert.equal(bytes.length % 4096, 0);
    await withReader(written.file, ({ superblock }) => {
      assert.ok(superblock.bytesUsed > bytes.length - 4096);
      assert.ok(bytes.subarray(superblock.bytesUsed).every((byte) => byte === 0));
      return Promise.resolve();
    });
  });

  it('says in the superblock what is there and what is not', async () => {
    const { duplicatesRemoved, exportable, compressorOptions } = superblockFlags;
    const superblockOf = async (root: Directory<MemoryContent>, compression: Compression) => {
      const { file: image } = await bench.write(root, {
        format: { compression, blockSize: 8192 },
        time: 4_294_967_295,
      });
      return withReader(image, ({ superblock }) => Promise.resolve(superblock));
    };
    const full = await superblockOf(everyInode(), { compressor: 'gzip', level: 4 });
    const namesBeyondTheFirst = 2;
    assert.equal(full.inodeCount, 1 + [...walk(everyInode())].length - namesBeyondTheFirst);
    assert.equal(full.mkfsTime, 4_294_967_295);
    assert.equal(full.blockSize, 8192);
    assert.equal(full.fragmentCount, 1);
    assert.equal(full.flags, duplicatesRemoved | exportable | compressorOptions);
    assert.ok(full.xattrTable !== undefined && full.exportTable !== undefined);
    assert.equal(full.idCount, 7);

    const bare = await superblockOf(directory({ large: file(noise(8192)) }), {
      compressor: 'gzip',
      level: 9,
    });
    assert.equal(bare.fragmentCount, 0);
    assert.equal(bare.fragmentTable, undefined);
    assert.equal(bare.xattrTable, undefined);
    assert.equal(bare.flags, duplicatesRemoved | exportable);
    assert.equal(bare.idCount, 1);
  });

  it('replaces a file that is there, and leaves nothing of it', async () => {
    const target = bench.newFile();
    writeFileSync(target, noise(100_000));
    const options = { format: smallXz, time: 0, pool: bench.pool, job: silentJob() };
    const size = await writeSquashfs(target, sourceOf(directory({})), options);
    assert.equal(readFileSync(target).length, size);
  });

  it('says so where it cannot write', async () => {
    const target = path.join(bench.folder, 'missing', 'image.squashfs');
    const options = { format: smallXz, time: 0, pool: bench.pool, job: silentJob() };
    await assert.rejects(writeSquashfs(target, sourceOf(directory({})), options), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.equal(error.doing, `writing ${target}`);
      assert.match(error.found, /ENOENT/);
      assert.match(inTerminalWords(error.remedy), /its folder is there/);
      return true;
    });
  });

  it('writes the same bytes with any number of threads', async () => {
    const children = Array.from({ length: 100 }, (_, index) => [
      `file-${index}`,
      file(index % 3 === 0 ? noise(index * 40, `${index}`) : text(index * 100, `${index}`)),
    ]);
    const tree = directory({
      ...(Object.fromEntries(children) as Record<string, Node<MemoryContent>>),
      everything: everyInode(),
    });
    const digests = new Set<string>();
    for (const workers of [1, 2, 8]) {
      const pool = new CodecPool({ directory: codecDirectory, workers });
      try {
        digests.add(await sha256OfFile((await bench.write(tree, { pool })).file));
      } finally {
        await pool.close();
      }
    }
    assert.equal(digests.size, 1);
  });

  it('writes the same bytes however children, xattrs and chunks came about', async () => {
    const reversed = (node: Node<MemoryContent>): Node<MemoryContent> => {
      const attributes = { ...node.attributes, xattrs: new Map([...node.attributes.xattrs].reverse()) };
      if (node.kind === 'file') {
        const bytes = Buffer.concat([...node.content.chunks()]);
        const chunks = () => [bytes.subarray(0, 7), bytes.subarray(7, 7), bytes.subarray(7)];
        return { ...node, attributes, content: { ...node.content, chunks } };
      }
      if (node.kind !== 'directory') return { ...node, attributes };
      const children = [...node.children]
        .reverse()
        .map(([name, child]) => [name, reversedOnce(child)] as const);
      return { ...node, attributes, children: new Map(children) };
    };
    const known = new Map<Node<MemoryContent>, Node<MemoryContent>>();
    const reversedOnce = (node: Node<MemoryContent>) => {
      const made = known.get(node) ?? reversed(node);
      known.set(node, made);
      return made;
    };
    const tree = everyInode();
    const other = reversed(tree);
    assert.ok(other.kind === 'directory');
    assert.notDeepEqual([...other.children.keys()], [...tree.children.keys()]);
    const [written, expected] = [await bench.write(other), await bench.write(tree)];
    assert.equal(await sha256OfFile(written.file), await sha256OfFile(expected.file));
  });

  it('gives another time, and nothing else, to what is made at another time', async () => {
    const at = async (time: number) => readFileSync((await bench.write(everyInode(), { time })).file);
    const [one, two] = [await at(1), await at(0x01020304)];
    assert.equal(two.readUInt32LE(8), 0x01020304);
    one.copy(two, 8, 8, 12);
    assert.ok(one.equals(two));
  });
});
