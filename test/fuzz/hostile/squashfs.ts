import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { sampleFile, samples } from '../../unit/squashfs/sample';
import type { Seeds } from '../target';
import {
  directoryInode,
  fields,
  fifoInode,
  fileInode,
  listing,
  makeSquashfs,
  referenceIn,
  type ListedName,
  type SquashfsParts,
} from './squashfs-maker';

/** Files that mksquashfs made, and some that it never would. */
export function hostileSquashfs(): Promise<Seeds> {
  const sound = Object.fromEntries(samples.map((sample) => [sample, readFileSync(sampleFile(sample))]));
  return Promise.resolve({
    ...sound,
    ...loops(),
    ...names(),
    ...counts(),
    ...contents(),
    ...xattrs(),
  });
}

const size = 40;

/** A root with these names, and the other inodes behind it. */
function withRoot(
  names: readonly ListedName[],
  others: readonly Buffer[],
  parts: Omit<SquashfsParts, 'inodes' | 'directories'> = {},
): Buffer {
  const directories = listing(names);
  const root = directoryInode({ block: 0, offset: 0 }, directories.length);
  return makeSquashfs({ inodes: Buffer.concat([root, ...others]), directories, ...parts });
}

/** A root with one file. */
function withFile(
  content: Parameters<typeof fileInode>[0],
  parts: Parameters<typeof withRoot>[2] = {},
): Buffer {
  return withRoot([{ name: 'file', inode: { block: 0, offset: size } }], [fileInode(content)], parts);
}

function loops(): Seeds {
  const inRoot = (offset: number, name = 'x') => ({ name, inode: { block: 0, offset } });
  const self = listing([inRoot(0)]);
  const pair = [listing([inRoot(size)]), listing([inRoot(0)])] as const;
  return {
    'a root that holds itself': makeSquashfs({
      inodes: directoryInode({ block: 0, offset: 0 }, self.length),
      directories: self,
    }),
    'two directories that hold each other': makeSquashfs({
      inodes: Buffer.concat([
        directoryInode({ block: 0, offset: 0 }, pair[0].length),
        directoryInode({ block: 0, offset: pair[0].length }, pair[1].length),
      ]),
      directories: Buffer.concat(pair),
    }),
  };
}

/** Directories, each with nothing but the next one in it. */
function deepChain(depth: number): Buffer {
  const entrySize = listing([{ name: 'd', inode: { block: 0, offset: 0 } }]).length;
  const [inodes, directories] = [Buffer.alloc(depth * size), Buffer.alloc(depth * entrySize)];
  for (let at = 0; at < depth; at++) {
    const listed = referenceIn(directories, at * entrySize, false);
    directoryInode(listed, at + 1 < depth ? entrySize : 0).copy(inodes, at * size);
    const next = referenceIn(inodes, (at + 1) * size, false);
    listing([{ name: 'd', inode: next }]).copy(directories, at * entrySize);
  }
  return makeSquashfs({ inodes, directories, isPacked: false });
}

function names(): Seeds {
  const hostile = [
    '..',
    '.',
    '../x',
    'a/b',
    '/',
    '\0',
    'a\0b',
    '\n',
    '\u00ff',
    '-rf',
    'x'.repeat(256),
    'x'.repeat(257),
  ];
  const one = (name: string): [string, Buffer] => [
    `the name ${JSON.stringify(name.slice(0, 8))} of ${name.length} bytes`,
    withRoot([{ name, inode: { block: 0, offset: size } }], [fileInode({ size: 0 })]),
  ];
  const twice = { name: 'twice', inode: { block: 0, offset: size } };
  return {
    ...Object.fromEntries(hostile.map(one)),
    'one name twice': withRoot([twice, twice], [fileInode({ size: 0 })]),
    'a run of entries that says it is longer': makeSquashfs({
      inodes: directoryInode({ block: 0, offset: 0 }, 20),
      directories: fields([4, 2 ** 32 - 1], [4, 0], [4, 1], [8, 0]),
    }),
  };
}

function counts(): Seeds {
  const file = { name: 'file', inode: { block: 0, offset: size } };
  const lying = (superblock: SquashfsParts['superblock']) =>
    withRoot([file], [fileInode({ size: 0 })], { ...(superblock && { superblock }) });
  const directories = listing([file]);
  const claims = (listed: number) =>
    makeSquashfs({
      inodes: Buffer.concat([directoryInode({ block: 0, offset: 0 }, listed), fileInode({ size: 0 })]),
      directories,
    });
  return {
    'no inodes, by its count': lying({ inodeCount: 0 }),
    'one inode, by its count': lying({ inodeCount: 1 }),
    'four billion fragments': lying({ fragmentCount: 2 ** 32 - 1, fragmentTable: 100 }),
    'all ids that can be': lying({ idCount: 65535 }),
    'no ids': lying({ idCount: 0 }),
    'a root that is elsewhere': lying({ rootInode: 2 ** 48 - 1 }),
    'tables in the wrong order': lying({ inodeTable: 200, directoryTable: 96 }),
    'tables in one place': lying({ inodeTable: 96, directoryTable: 96, idTable: 96 }),
    'a file system of 16 EiB': lying({ bytesUsed: 2 ** 53 }),
    'blocks of one byte': lying({ blockSize: 1 }),
    'a directory table of 4 GiB': claims(2 ** 32 - 4),
    'a directory that ends in the middle of a name': claims(directories.length - 2),
  };
}

function contents(): Seeds {
  const packed = deflateSync(Buffer.alloc(131072));
  const tooMuch = deflateSync(Buffer.alloc(2 ** 24));
  const fragment = (at: number, stored: number) => fields([8, at], [4, stored], [4, 0]);
  return {
    'a file of 2^53 bytes': withFile({ size: 2 ** 53 }),
    'a file of a tebibyte without its list of blocks': withFile({ size: 2 ** 40 }),
    'a block that is larger than blocks are': withFile({ size: 131072, blocks: [0x00ff_ffff] }),
    'a block with all bits set': withFile({ size: 131072, blocks: [0xffff_ffff] }),
    'a block in the superblock': withFile({ start: 0, size: 131072, blocks: [96] }),
    'a block far away': withFile({ start: 2 ** 52, size: 131072, blocks: [100] }),
    'holes far away': withFile({ start: 2 ** 52, size: 262144, blocks: [0, 0] }),
    'a stored block that is too short': withFile(
      { start: 96, size: 131072, blocks: [2 ** 24 + 10] },
      { data: Buffer.alloc(10) },
    ),
    'a block that unpacks to less': withFile(
      { start: 96, size: 131072, blocks: [8] },
      { data: deflateSync(Buffer.alloc(0)) },
    ),
    'a block that unpacks to 16 MiB': withFile(
      { start: 96, size: 131072, blocks: [tooMuch.length] },
      { data: tooMuch },
    ),
    'a thousand names of one block': withFile(
      { start: 96, size: 131072 * 3, blocks: [packed.length, 0, 0] },
      { data: packed },
    ),
    'a fragment that is not there': withFile({ size: 100, fragment: 7 }),
    'a fragment past the end': withFile({ size: 100, fragment: 0 }, { fragments: fragment(2 ** 52, 100) }),
    'a fragment that is too large': withFile(
      { size: 100, fragment: 0 },
      { fragments: fragment(96, 0x00ff_ffff) },
    ),
    'a fragment of 16 MiB': withFile(
      { size: 100, fragment: 0 },
      { data: tooMuch, fragments: fragment(96, tooMuch.length) },
    ),
    'a tail past the end of its fragment': withFile(
      { size: 100, fragment: 0, offset: 131000 },
      { data: packed, fragments: fragment(96, packed.length) },
    ),
    'a fragment of nothing': withFile({ size: 100, fragment: 0 }, { fragments: fragment(96, 0) }),
  };
}

function xattrs(): Seeds {
  const value = (text: string) => Buffer.concat([fields([4, text.length]), Buffer.from(text)]);
  const named = (type: number, name: string, after: Buffer) =>
    Buffer.concat([fields([2, type], [2, name.length]), Buffer.from(name), after]);
  const set = (at: number, count: number) => fields([8, at], [4, count], [4, 0]);
  const withSet = (values: Buffer, ids: Buffer, count?: number) =>
    withRoot([{ name: 'fifo', inode: { block: 0, offset: size } }], [fifoInode(0)], {
      xattrs: { values, ids, ...(count !== undefined && { count }) },
    });
  const one = named(0, 'a', value('1'));
  return {
    'a sound xattr': withSet(one, set(0, 1)),
    'four billion xattrs in a set': withSet(one, set(0, 2 ** 32 - 1)),
    'four billion sets': withSet(one, set(0, 1), 2 ** 32 - 1),
    'an xattr twice': withSet(Buffer.concat([one, one]), set(0, 2)),
    'an xattr of no kind': withSet(named(77, 'a', value('1')), set(0, 1)),
    'a value of four gigabytes': withSet(named(0, 'a', fields([4, 2 ** 32 - 1])), set(0, 1)),
    'a value that is elsewhere, in itself': withSet(
      named(0x100, 'a', Buffer.concat([fields([4, 8]), fields([8, 5])])),
      set(0, 1),
    ),
    'a value that is nowhere': withSet(
      named(0x100, 'a', Buffer.concat([fields([4, 8]), fields([8, 2 ** 52])])),
      set(0, 1),
    ),
    'a set that is nowhere': withSet(one, set(2 ** 52, 1)),
  };
}

/** Small files that say the same bytes again and again, for another thing each time. */
export function squashfsBombs(): Promise<Seeds> {
  return Promise.resolve({
    'xattrs whose names overlap': overlappingNames(),
    'directories that share their entries': sharedListings(),
    'directories deeper than any path': deepChain(5000),
  });
}

function manyNames(
  inodes: Buffer,
  step: number,
  count: number,
  parts: Omit<SquashfsParts, 'inodes'> = {},
): Buffer {
  const names = Array.from({ length: count }, (_, at) => ({
    name: at.toString(36),
    inode: referenceIn(inodes, at * step),
  }));
  const directories = listing(names);
  // The root comes last: the others must lie where they were.
  const all = Buffer.concat([inodes, directoryInode({ block: 0, offset: 0 }, directories.length)]);
  const root = referenceIn(all, inodes.length);
  return makeSquashfs({
    inodes: all,
    directories,
    superblock: { rootInode: root.block * 0x10000 + root.offset },
    ...parts,
  });
}

/** 20,000 sets of one xattr, whose names of 64 KB lie in the same 100 KB. */
function overlappingNames(): Buffer {
  const sets = 20_000;
  const values = Buffer.alloc(100_000);
  // Each four of the first bytes begin an xattr: of kind 0, with a name of 0xfefe bytes. Behind any of them lie zeros.
  for (let at = 0; at < 30_000; at += 4) values.set([0, 0, 0xfe, 0xfe], at);
  const ids = Buffer.concat(
    Array.from({ length: sets }, (_, at) => {
      const { block, offset } = referenceIn(values, (at * 4) % 30_000);
      return fields([8, block * 0x10000 + offset], [4, 1], [4, 0]);
    }),
  );
  const inodes = Buffer.concat(Array.from({ length: sets }, (_, at) => fifoInode(at)));
  return manyNames(inodes, fifoInode(0).length, sets, { xattrs: { values, ids } });
}

/** 4,000 directories with one and the same listing of 2,000 files: eight million names. */
function sharedListings(): Buffer {
  const files = Buffer.alloc(2000 * 56, fileInode({ size: 0 }));
  const shared = listing(
    Array.from({ length: 2000 }, (_, at) => ({ name: `f${at}`, inode: referenceIn(files, at * 56) })),
  );
  const folders = Buffer.alloc(4000 * size, directoryInode({ block: 0, offset: 0 }, shared.length));
  const inodes = Buffer.concat([files, folders]);
  const top = listing(
    Array.from({ length: 4000 }, (_, at) => ({
      name: `d${at}`,
      inode: referenceIn(inodes, files.length + at * size),
    })),
  );
  const directories = Buffer.concat([shared, top]);
  const all = Buffer.concat([inodes, directoryInode(referenceIn(directories, shared.length), top.length)]);
  const root = referenceIn(all, inodes.length);
  return makeSquashfs({
    inodes: all,
    directories,
    superblock: { rootInode: root.block * 0x10000 + root.offset },
  });
}
