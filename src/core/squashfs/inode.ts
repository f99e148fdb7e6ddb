import type { ByteString } from '../bytes/byte-string';
import type { BlockContent } from './block-content';
import { inodeNumberSize, inodeType, metadataReference, type MetadataReference, noIndex } from './format';
import type { MemoryBudget } from './memory-budget';
import type { MetadataCursor, MetadataTable } from './metadata';

/** What every inode has; `uid` and `gid` are places in the id table, `xattrs` one in the xattr id table. */
interface InodeCommon {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly xattrs: number | undefined;
}

interface DirectoryInode extends InodeCommon {
  readonly kind: 'directory';
  /** Where its entries begin in the directory table, and how many bytes of headers and entries there are. */
  readonly listing: MetadataReference;
  readonly listingSize: number;
}

interface FileInode extends InodeCommon {
  readonly kind: 'file';
  readonly size: number;
  readonly content: BlockContent;
}

interface SymlinkInode extends InodeCommon {
  readonly kind: 'symlink';
  readonly target: ByteString;
}

interface DeviceInode extends InodeCommon {
  readonly kind: 'char' | 'block';
  readonly major: number;
  readonly minor: number;
}

interface SpecialInode extends InodeCommon {
  readonly kind: 'fifo' | 'socket';
}

export type Inode = DirectoryInode | FileInode | SymlinkInode | DeviceInode | SpecialInode;

/** Each kind by its basic inode type less one; the extended type is larger by as many as there are kinds. */
const kinds = ['directory', 'file', 'symlink', 'block', 'char', 'fifo', 'socket'] as const;

/** Fields that nothing here needs, in bytes. */
const linkCountSize = 4;
const parentInodeSize = 4;
const indexCountSize = 2;
const sparseSize = 8;

/** Linux itself allows 4095 bytes (PATH_MAX less its NUL). */
const longestTarget = 65535;
/** The size of a listing counts three bytes that it doesn't have, which stand for `.` and `..`. */
const listingSizeSurplus = 3;

/**
 * Reads one inode, of any of the 14 types (struct squashfs_*_inode in the kernel's squashfs_fs.h). Its references are as
 * they stand; whether they lead anywhere is for those to see who follow them.
 */
export function readInode(
  table: MetadataTable,
  reference: MetadataReference,
  blockSize: number,
  budget: MemoryBudget,
): Inode {
  const cursor = table.at(reference);
  const type = cursor.u16();
  const kind = kinds[(type - inodeType.directory) % kinds.length];
  if (kind === undefined || type > inodeType.extendedSocket) {
    throw table.damaged(`holds an inode of type ${type}, which doesn't exist`);
  }
  const extended = type >= inodeType.extendedDirectory;
  const mode = cursor.u16() & 0o7777;
  const uid = cursor.u16();
  const gid = cursor.u16();
  const mtime = cursor.u32();
  cursor.skip(inodeNumberSize);
  // Every field by its name: spreading objects takes most of the time that a large tree needs.
  switch (kind) {
    case 'directory': {
      const { listing, listingSize, xattrs } = extended
        ? readExtendedDirectory(cursor)
        : readDirectory(cursor);
      return { kind, mode, uid, gid, mtime, xattrs, listing, listingSize };
    }
    case 'file': {
      const layout = extended ? readExtendedFile(cursor) : readFile(cursor);
      const { size, xattrs } = layout;
      const content = readContent(cursor, table, layout, blockSize, budget);
      return { kind, mode, uid, gid, mtime, xattrs, size, content };
    }
    case 'symlink': {
      const target = readTarget(cursor, table);
      return { kind, mode, uid, gid, mtime, xattrs: readXattrIndex(cursor, extended), target };
    }
    case 'block':
    case 'char': {
      const { major, minor } = readDevice(cursor);
      return { kind, mode, uid, gid, mtime, xattrs: readXattrIndex(cursor, extended), major, minor };
    }
    case 'fifo':
    case 'socket': {
      cursor.skip(linkCountSize);
      return { kind, mode, uid, gid, mtime, xattrs: readXattrIndex(cursor, extended) };
    }
  }
}

function readDirectory(cursor: MetadataCursor) {
  const block = cursor.u32();
  cursor.skip(linkCountSize);
  const size = cursor.u16();
  const offset = cursor.u16();
  return {
    listing: metadataReference(block, offset),
    listingSize: Math.max(0, size - listingSizeSurplus),
    xattrs: undefined,
  };
}

function readExtendedDirectory(cursor: MetadataCursor) {
  cursor.skip(linkCountSize);
  const size = cursor.u32();
  const block = cursor.u32();
  cursor.skip(parentInodeSize + indexCountSize);
  const offset = cursor.u16();
  return {
    listing: metadataReference(block, offset),
    listingSize: Math.max(0, size - listingSizeSurplus),
    xattrs: indexOrNone(cursor.u32()),
  };
}

/** What an inode says of a file's bytes ahead of the list of its blocks. */
interface FileLayout {
  readonly start: number;
  readonly size: number;
  readonly fragment: number | undefined;
  readonly offset: number;
  readonly xattrs: number | undefined;
}

function readFile(cursor: MetadataCursor): FileLayout {
  const start = cursor.u32();
  const fragment = indexOrNone(cursor.u32());
  const offset = cursor.u32();
  return { start, size: cursor.u32(), fragment, offset, xattrs: undefined };
}

function readExtendedFile(cursor: MetadataCursor): FileLayout {
  const start = cursor.u64();
  const size = cursor.u64();
  cursor.skip(sparseSize + linkCountSize);
  const fragment = indexOrNone(cursor.u32());
  const offset = cursor.u32();
  return { start, size, fragment, offset, xattrs: indexOrNone(cursor.u32()) };
}

function readContent(
  cursor: MetadataCursor,
  table: MetadataTable,
  { start, size, fragment, offset }: FileLayout,
  blockSize: number,
  budget: MemoryBudget,
): BlockContent {
  if (!Number.isSafeInteger(size)) throw table.damaged(`holds a file of ${size} bytes`);
  const tail = fragment === undefined ? 0 : size % blockSize;
  if (tail > 0 && offset + tail > blockSize) {
    throw table.damaged(`places ${tail} bytes of a file at byte ${offset} of a fragment, past its end`);
  }
  const blockCount = tail > 0 ? (size - tail) / blockSize : Math.ceil(size / blockSize);
  budget.spend(blockCount * 4);
  return {
    start,
    blockSizes: readBlockSizes(cursor, blockCount),
    fragment: fragment !== undefined && tail > 0 ? { index: fragment, offset } : undefined,
  };
}

const noBlocks = new Uint32Array(0);

function readBlockSizes(cursor: MetadataCursor, count: number): Uint32Array {
  if (count === 0) return noBlocks;
  const listed = cursor.take(count * 4);
  const sizes = new Uint32Array(count);
  for (let index = 0; index < count; index++) sizes[index] = listed.readUInt32LE(index * 4);
  return sizes;
}

function readTarget(cursor: MetadataCursor, table: MetadataTable): ByteString {
  cursor.skip(linkCountSize);
  const length = cursor.u32();
  if (length > longestTarget) throw table.damaged(`holds a symbolic link to a path of ${length} bytes`);
  const target = cursor.byteString(length);
  if (target.includes('\0')) throw table.damaged('holds a symbolic link to a path with a NUL byte');
  return target;
}

/** The kernel's new_decode_dev (include/linux/kdev_t.h): 12 bits of major amid 20 of minor. */
function readDevice(cursor: MetadataCursor): { major: number; minor: number } {
  cursor.skip(linkCountSize);
  const device = cursor.u32();
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}

function readXattrIndex(cursor: MetadataCursor, extended: boolean): number | undefined {
  return extended ? indexOrNone(cursor.u32()) : undefined;
}

function indexOrNone(index: number): number | undefined {
  return index === noIndex ? undefined : index;
}
