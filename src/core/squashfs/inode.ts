import type { ByteString } from '../rootfs/byte-string';
import { byteStringFromBytes } from '../rootfs/byte-string';
import type { BlockContent } from './block-content';
import { inodeType, metadataReference, type MetadataReference, noIndex } from './format';
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
  const header = cursor.take(16);
  const type = header.readUInt16LE(0);
  const kind = kinds[(type - inodeType.directory) % kinds.length];
  if (kind === undefined || type > inodeType.extendedSocket) {
    throw table.damaged(`holds an inode of type ${type}, which doesn't exist`);
  }
  const extended = type >= inodeType.extendedDirectory;
  const mode = header.readUInt16LE(2) & 0o7777;
  const uid = header.readUInt16LE(4);
  const gid = header.readUInt16LE(6);
  const mtime = header.readUInt32LE(8);
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
      const linkCountSize = 4;
      cursor.take(linkCountSize);
      return { kind, mode, uid, gid, mtime, xattrs: readXattrIndex(cursor, extended) };
    }
  }
}

function readDirectory(cursor: MetadataCursor) {
  const body = cursor.take(16);
  return {
    listing: metadataReference(body.readUInt32LE(0), body.readUInt16LE(10)),
    listingSize: Math.max(0, body.readUInt16LE(8) - listingSizeSurplus),
    xattrs: undefined,
  };
}

function readExtendedDirectory(cursor: MetadataCursor) {
  const body = cursor.take(24);
  return {
    listing: metadataReference(body.readUInt32LE(8), body.readUInt16LE(18)),
    listingSize: Math.max(0, body.readUInt32LE(4) - listingSizeSurplus),
    xattrs: indexOrNone(body.readUInt32LE(20)),
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
  const body = cursor.take(16);
  return {
    start: body.readUInt32LE(0),
    fragment: indexOrNone(body.readUInt32LE(4)),
    offset: body.readUInt32LE(8),
    size: body.readUInt32LE(12),
    xattrs: undefined,
  };
}

function readExtendedFile(cursor: MetadataCursor): FileLayout {
  const body = cursor.take(40);
  return {
    start: Number(body.readBigUInt64LE(0)),
    size: Number(body.readBigUInt64LE(8)),
    fragment: indexOrNone(body.readUInt32LE(28)),
    offset: body.readUInt32LE(32),
    xattrs: indexOrNone(body.readUInt32LE(36)),
  };
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
  const listed = cursor.take(blockCount * 4);
  const blockSizes = new Uint32Array(blockCount);
  for (let index = 0; index < blockCount; index++) blockSizes[index] = listed.readUInt32LE(index * 4);
  return {
    start,
    blockSizes,
    fragment: fragment !== undefined && tail > 0 ? { index: fragment, offset } : undefined,
  };
}

function readTarget(cursor: MetadataCursor, table: MetadataTable): ByteString {
  const length = cursor.take(8).readUInt32LE(4);
  if (length > longestTarget) throw table.damaged(`holds a symbolic link to a path of ${length} bytes`);
  const target = byteStringFromBytes(cursor.take(length));
  if (target.includes('\0')) throw table.damaged('holds a symbolic link to a path with a NUL byte');
  return target;
}

/** The kernel's new_decode_dev (include/linux/kdev_t.h): 12 bits of major amid 20 of minor. */
function readDevice(cursor: MetadataCursor): { major: number; minor: number } {
  const device = cursor.take(8).readUInt32LE(4);
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}

function readXattrIndex(cursor: MetadataCursor, extended: boolean): number | undefined {
  return extended ? indexOrNone(cursor.take(4).readUInt32LE(0)) : undefined;
}

function indexOrNone(index: number): number | undefined {
  return index === noIndex ? undefined : index;
}
