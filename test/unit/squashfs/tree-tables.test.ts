import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Directory } from '../../../src/core/rootfs/tree';
import { loadDecoder } from '../../../src/core/squashfs/compression';
import {
  exportEntrySize,
  inodeType,
  metadataReference,
  type MetadataReference,
  superblockSize,
} from '../../../src/core/squashfs/format';
import { readLookupTable } from '../../../src/core/squashfs/lookup-table';
import { MemoryBudget } from '../../../src/core/squashfs/memory-budget';
import type { MetadataTable } from '../../../src/core/squashfs/metadata';
import { readMetadataTables } from '../../../src/core/squashfs/metadata-tables';
import { SourceFile } from '../../../src/core/squashfs/source-file';
import { decodeSuperblock, type Superblock } from '../../../src/core/squashfs/superblock';
import { directory, file, type MemoryContent, special, symlink, WriterBench } from './memory-tree';
import { codecDirectory } from './sample';

const bench = new WriterBench();
after(() => bench.close());

/** The tables of a written tree, for what our own reader passes over and the kernel does not. */
interface Tables {
  readonly superblock: Superblock;
  readonly inodes: MetadataTable;
  readonly directories: MetadataTable;
  /** By inode number less one. */
  readonly exports: readonly MetadataReference[];
}

async function tablesOf(root: Directory<MemoryContent>): Promise<Tables> {
  const { file: image } = await bench.write(root);
  const source = await SourceFile.open(image);
  try {
    const superblock = decodeSuperblock(await source.read(0, superblockSize), image);
    const decode = await loadDecoder('xz', codecDirectory, 'testing');
    const { inodes, directories } = await readMetadataTables(source, superblock, decode);
    assert.ok(superblock.exportTable !== undefined);
    const table = await readLookupTable(
      source,
      {
        name: 'export',
        list: superblock.exportTable,
        count: superblock.inodeCount,
        entrySize: exportEntrySize,
        end: superblock.bytesUsed,
      },
      { file: image, decode, budget: new MemoryBudget(image) },
    );
    const exports = Array.from({ length: superblock.inodeCount }, (_, index) =>
      Number(table.readBigUInt64LE(index * exportEntrySize)),
    );
    return { superblock, inodes, directories, exports };
  } finally {
    await source.close();
  }
}

interface RawInode {
  readonly type: number;
  readonly number: number;
  readonly links: number;
}

function inodeAt({ inodes }: Tables, reference: MetadataReference): RawInode {
  const head = inodes.at(reference).take(24);
  const type = head.readUInt16LE(0);
  const number = head.readUInt32LE(12);
  switch (type) {
    case inodeType.file:
      return { type, number, links: 1 };
    case inodeType.extendedFile:
      return { type, number, links: inodes.at(reference).take(44).readUInt32LE(40) };
    case inodeType.directory:
      return { type, number, links: head.readUInt32LE(20) };
    default:
      return { type, number, links: head.readUInt32LE(16) };
  }
}

/** Of an extended directory: where its listing begins, and its index. */
function directoryAt({ inodes }: Tables, reference: MetadataReference) {
  const cursor = inodes.at(reference);
  const bytes = cursor.take(40);
  assert.equal(bytes.readUInt16LE(0), inodeType.extendedDirectory);
  const index = Array.from({ length: bytes.readUInt16LE(32) }, () => {
    const entry = cursor.take(12);
    return {
      offset: entry.readUInt32LE(0),
      block: entry.readUInt32LE(4),
      name: cursor.take(entry.readUInt32LE(8) + 1).toString('latin1'),
    };
  });
  return { block: bytes.readUInt32LE(24), offset: bytes.readUInt16LE(34), index };
}

const manyFiles = (count: number, prefix = 'file') =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}-${index}`, file('')]));

describe('the written tables', () => {
  it('lead from each inode number to the inode that has it', async () => {
    const linked = file('');
    const tables = await tablesOf(
      directory({
        ...manyFiles(500),
        linked,
        sub: directory({ linked, ...manyFiles(2000), deep: directory({ link: symlink('x') }) }),
      }),
    );
    assert.equal(tables.superblock.inodeCount, 1 + 500 + 1 + 1 + 2000 + 1 + 1);
    for (const [index, reference] of tables.exports.entries()) {
      assert.equal(inodeAt(tables, reference).number, index + 1);
    }
    assert.equal(new Set(tables.exports).size, tables.exports.length);
  });

  it('count the names of each inode, and the folders in each folder', async () => {
    const linked = file('bytes');
    const pipe = special('fifo');
    const tables = await tablesOf(
      directory({
        a: linked,
        b: linked,
        pipe,
        sub: directory({ linked, pipe, x: directory({}), y: directory({}), z: file('') }),
      }),
    );
    const links = (...types: number[]) =>
      tables.exports
        .map((reference) => inodeAt(tables, reference))
        .filter(({ type }) => types.includes(type))
        .map((inode) => inode.links)
        .sort();
    assert.deepEqual(links(inodeType.extendedFile), [3]);
    assert.deepEqual(links(inodeType.file), [1]);
    assert.deepEqual(links(inodeType.fifo), [2]);
    assert.deepEqual(links(inodeType.directory), [2, 2, 3, 4]);
  });

  it('know the folder that each folder lies in', async () => {
    const tables = await tablesOf(directory({ a: directory({ b: directory({}) }), c: directory({}) }));
    const root = inodeAt(tables, tables.superblock.rootInode).number;
    const parents = new Map(
      tables.exports.map((reference, index) => [
        index + 1,
        tables.inodes.at(reference).take(32).readUInt32LE(28),
      ]),
    );
    assert.equal(parents.get(root), tables.superblock.inodeCount + 1);
    const depth = (number: number): number => (number === root ? 0 : 1 + depth(parents.get(number) ?? NaN));
    assert.deepEqual([...parents.keys()].map(depth).sort(), [0, 1, 1, 2]);
  });

  it('find names in a large folder by its index', async () => {
    const tables = await tablesOf(
      directory({ before: directory(manyFiles(700)), ...manyFiles(5000, 'many') }),
    );
    const { block, offset, index } = directoryAt(tables, tables.superblock.rootInode);
    assert.ok(index.length >= 10);
    for (const place of index) {
      // As the kernel's get_dir_index_using_name reckons: the block as given, the offset from the listing's own.
      const cursor = tables.directories.at(metadataReference(place.block, (offset + place.offset) % 8192));
      cursor.take(12);
      const nameLength = cursor.take(8).readUInt16LE(6) + 1;
      assert.equal(cursor.take(nameLength).toString('latin1'), place.name);
      assert.ok(place.block >= block);
    }
  });
});
