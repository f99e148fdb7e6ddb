import { deflateSync } from 'node:zlib';
import { metadataBlockSize, metadataStoredBit, superblockSize } from '../../../src/core/squashfs/format';
import { encodeSuperblock, type Superblock } from '../../../src/core/squashfs/superblock';

/** The parts of a SquashFS file, which need not fit together. */
export interface SquashfsParts {
  readonly data?: Buffer;
  /** Metadata before it is compressed. */
  readonly inodes: Buffer;
  readonly directories?: Buffer;
  /** Entries of the fragment table, before compression. */
  readonly fragments?: Buffer;
  readonly xattrs?: { readonly values: Buffer; readonly ids: Buffer; readonly count?: number };
  readonly superblock?: Partial<Superblock>;
  /** Whether metadata is compressed; without it, it is. */
  readonly isPacked?: boolean;
}

/** A file with gzip as its compressor, one user and group id (0), and what `superblock` says of it instead of the truth. */
export function makeSquashfs({
  data = Buffer.alloc(0),
  inodes,
  directories = Buffer.alloc(0),
  fragments,
  xattrs,
  superblock,
  isPacked = true,
}: SquashfsParts): Buffer {
  const file = new FileMaker(superblockSize);
  file.add(data);
  const inodeTable = file.add(metadataBlocks(inodes, isPacked).bytes);
  const directoryTable = file.add(metadataBlocks(directories, isPacked).bytes);
  const fragmentTable = fragments && file.addLookupTable(fragments);
  const idTable = file.addLookupTable(Buffer.alloc(4));
  let xattrTable: number | undefined;
  if (xattrs !== undefined) {
    const values = file.add(metadataBlocks(xattrs.values).bytes);
    const header = Buffer.alloc(16);
    header.writeBigUInt64LE(BigInt(values));
    header.writeUInt32LE(xattrs.count ?? xattrs.ids.length / 16, 8);
    xattrTable = file.addLookupTable(xattrs.ids, header);
  }
  const bytes = file.finish();
  const head = encodeSuperblock({
    inodeCount: 2 ** 32 - 1,
    mkfsTime: 0,
    blockSize: 131072,
    fragmentCount: (fragments?.length ?? 0) / 16,
    compressor: 'gzip',
    flags: 0,
    idCount: 1,
    rootInode: 0,
    bytesUsed: bytes.length,
    idTable,
    xattrTable,
    inodeTable,
    directoryTable,
    fragmentTable,
    exportTable: undefined,
    ...superblock,
  });
  head.copy(bytes);
  return bytes;
}

/** Where the byte at `position` of metadata lies, as inodes, listings and xattrs are referred to. */
export function referenceIn(
  metadata: Buffer,
  position: number,
  isPacked = true,
): { block: number; offset: number } {
  const { starts } = metadataBlocks(metadata, isPacked);
  return {
    block: starts[Math.floor(position / metadataBlockSize)] ?? 0,
    offset: position % metadataBlockSize,
  };
}

class FileMaker {
  readonly #parts: Buffer[] = [];
  #length: number;

  constructor(head: number) {
    this.#parts.push(Buffer.alloc(head));
    this.#length = head;
  }

  /** @returns where it lies. */
  add(bytes: Buffer): number {
    const position = this.#length;
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return position;
  }

  /** @returns where the list of its blocks lies, or what is to precede that. */
  addLookupTable(entries: Buffer, header = Buffer.alloc(0)): number {
    const { bytes, starts } = metadataBlocks(entries);
    const position = this.add(bytes);
    const list = Buffer.alloc(starts.length * 8);
    starts.forEach((start, at) => list.writeBigUInt64LE(BigInt(position + start), at * 8));
    return this.add(Buffer.concat([header, list]));
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

interface Blocks {
  readonly bytes: Buffer;
  /** Where each of them begins. */
  readonly starts: readonly number[];
}

const packed = new WeakMap<Buffer, Blocks>();

function metadataBlocks(metadata: Buffer, isPacked = true): Blocks {
  const known = isPacked ? packed.get(metadata) : undefined;
  if (known !== undefined) return known;
  const blocks: Buffer[] = [];
  const starts: number[] = [];
  let length = 0;
  for (let at = 0; at < metadata.length; at += metadataBlockSize) {
    const content = metadata.subarray(at, at + metadataBlockSize);
    const stored = isPacked ? deflateSync(content) : content;
    starts.push(length);
    blocks.push(fields([2, stored.length + (isPacked ? 0 : metadataStoredBit)]), stored);
    length += 2 + stored.length;
  }
  const result = { bytes: Buffer.concat(blocks), starts };
  if (isPacked) packed.set(metadata, result);
  return result;
}

/** Numbers of 2, 4 and 8 bytes, little-endian, one after the other. */
export function fields(...numbers: readonly (readonly [size: 2 | 4 | 8, value: number])[]): Buffer {
  return Buffer.concat(
    numbers.map(([size, value]) => {
      const field = Buffer.alloc(8);
      field.writeBigUInt64LE(BigInt(value));
      return field.subarray(0, size);
    }),
  );
}

/** What all inodes begin with. */
function inodeHead(type: number, number: number): Buffer {
  return fields([2, type], [2, 0o755], [2, 0], [2, 0], [4, 0], [4, number]);
}

/** An extended directory, whose listing can be larger than a basic one's. */
export function directoryInode(listing: { block: number; offset: number }, size: number, number = 1): Buffer {
  const body = fields([4, 2], [4, size + 3], [4, listing.block], [4, 1], [2, 0], [2, listing.offset]);
  return Buffer.concat([inodeHead(8, number), body, fields([4, 0xffffffff])]);
}

export function fileInode(
  content: { start?: number; size: number; fragment?: number; offset?: number; blocks?: readonly number[] },
  xattrs = 0xffffffff,
): Buffer {
  const { start = 0, size, fragment = 0xffffffff, offset = 0, blocks = [] } = content;
  const body = fields([8, start], [8, size], [8, 0], [4, 1], [4, fragment], [4, offset], [4, xattrs]);
  return Buffer.concat([inodeHead(9, 2), body, ...blocks.map((block) => fields([4, block]))]);
}

/** @param xattrs the place of its set in the table. */
export function fifoInode(xattrs: number): Buffer {
  return Buffer.concat([inodeHead(13, 2), fields([4, 1], [4, xattrs])]);
}

export interface ListedName {
  readonly name: string;
  readonly inode: { readonly block: number; readonly offset: number };
}

/** Runs of entries, each of one inode block. */
export function listing(names: readonly ListedName[]): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < names.length;) {
    const block = names[at]?.inode.block ?? 0;
    let end = at;
    while (end < names.length && end - at < 256 && names[end]?.inode.block === block) end++;
    parts.push(fields([4, end - at - 1], [4, block], [4, 1]));
    for (const { name, inode } of names.slice(at, end)) {
      const bytes = Buffer.from(name, 'latin1');
      parts.push(fields([2, inode.offset], [2, 0], [2, 2], [2, Math.max(0, bytes.length - 1)]), bytes);
    }
    at = end;
  }
  return Buffer.concat(parts);
}
