import { type ByteString, byteStringToBytes } from '../../bytes/byte-string';
import { inodeType, type MetadataReference, noIndex, splitMetadataReference } from '../format';
import type { StoredContent } from './contents';

/** What every inode has; `uid` and `gid` are places in the id table, `xattrs` one in the xattr id table. */
interface InodeCommon {
  readonly number: number;
  readonly links: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly xattrs: number | undefined;
}

export interface DirectoryListing {
  readonly start: MetadataReference;
  /** Bytes of headers and entries. */
  readonly size: number;
  readonly index: readonly {
    readonly offset: number;
    readonly name: ByteString;
    /** Where the block begins that holds the byte at `offset`, in the directory table. */
    readonly block: number;
  }[];
}

export type InodeFields = InodeCommon &
  (
    | { readonly kind: 'file'; readonly size: number; readonly content: StoredContent }
    | { readonly kind: 'directory'; readonly parent: number; readonly listing: DirectoryListing }
    | { readonly kind: 'symlink'; readonly target: ByteString }
    | { readonly kind: 'char' | 'block'; readonly major: number; readonly minor: number }
    | { readonly kind: 'fifo' | 'socket' }
  );

type Fields<K extends InodeFields['kind']> = InodeFields & { readonly kind: K };

const headSize = 16;
/** The size of a listing counts three bytes that it doesn't have, which stand for `.` and `..`. */
const listingSizeSurplus = 3;

/**
 * One inode, of the basic type where that can hold it and of the extended one where not (struct squashfs_*_inode in the
 * kernel's squashfs_fs.h).
 */
export function encodeInode(inode: InodeFields): Buffer {
  switch (inode.kind) {
    case 'file':
      return encodeFile(inode);
    case 'directory':
      return encodeDirectory(inode);
    case 'symlink':
      return encodeSymlink(inode);
    case 'char':
    case 'block':
      return encodeDevice(inode);
    case 'fifo':
    case 'socket':
      return encodeSpecial(inode);
  }
}

function encodeFile(inode: Fields<'file'>): Buffer {
  const { size, content, links } = inode;
  const { start, fragment, holeBytes, blockSizes } = content;
  const extended =
    links > 1 || inode.xattrs !== undefined || holeBytes > 0 || start > 0xffff_ffff || size > 0xffff_ffff;

  const bodySize = extended ? 40 : 16;
  const bytes = withHead(inode, extended, bodySize + blockSizes.length * 4);
  if (extended) {
    bytes.writeBigUInt64LE(BigInt(start), 16);
    bytes.writeBigUInt64LE(BigInt(size), 24);
    // Less than the size, even if all is holes: mksquashfs does so (create_inode), and a file with bytes has blocks in stat.
    bytes.writeBigUInt64LE(BigInt(Math.min(holeBytes, Math.max(0, size - 1))), 32);
    bytes.writeUInt32LE(links, 40);
    bytes.writeUInt32LE(fragment?.index ?? noIndex, 44);
    bytes.writeUInt32LE(fragment?.offset ?? 0, 48);
    bytes.writeUInt32LE(inode.xattrs ?? noIndex, 52);
  } else {
    bytes.writeUInt32LE(start, 16);
    bytes.writeUInt32LE(fragment?.index ?? noIndex, 20);
    bytes.writeUInt32LE(fragment?.offset ?? 0, 24);
    bytes.writeUInt32LE(size, 28);
  }
  for (const [index, blockSize] of blockSizes.entries()) {
    bytes.writeUInt32LE(blockSize, headSize + bodySize + index * 4);
  }
  return bytes;
}

function encodeDirectory(inode: Fields<'directory'>): Buffer {
  const { parent, links } = inode;
  const { block, offset } = splitMetadataReference(inode.listing.start);
  const size = inode.listing.size + listingSizeSurplus;

  if (size <= 0xffff && inode.xattrs === undefined) {
    const bytes = withHead(inode, false, 16);
    bytes.writeUInt32LE(block, 16);
    bytes.writeUInt32LE(links, 20);
    bytes.writeUInt16LE(size, 24);
    bytes.writeUInt16LE(offset, 26);
    bytes.writeUInt32LE(parent, 28);
    return bytes;
  }
  const { index } = inode.listing;
  const indexSize = index.reduce((sum, { name }) => sum + 12 + name.length, 0);
  const bytes = withHead(inode, true, 24 + indexSize);
  bytes.writeUInt32LE(links, 16);
  bytes.writeUInt32LE(size, 20);
  bytes.writeUInt32LE(block, 24);
  bytes.writeUInt32LE(parent, 28);
  bytes.writeUInt16LE(index.length, 32);
  bytes.writeUInt16LE(offset, 34);
  bytes.writeUInt32LE(inode.xattrs ?? noIndex, 36);
  let at = 40;
  for (const entry of index) {
    bytes.writeUInt32LE(entry.offset, at);
    bytes.writeUInt32LE(entry.block, at + 4);
    bytes.writeUInt32LE(entry.name.length - 1, at + 8);
    bytes.write(entry.name, at + 12, 'latin1');
    at += 12 + entry.name.length;
  }
  return bytes;
}

function encodeSymlink(inode: Fields<'symlink'>): Buffer {
  const target = byteStringToBytes(inode.target);
  const fields = Buffer.alloc(8);
  fields.writeUInt32LE(inode.links, 0);
  fields.writeUInt32LE(target.length, 4);
  return withXattrs(inode, [fields, target]);
}

/** The kernel's new_encode_dev (include/linux/kdev_t.h): 12 bits of major amid 20 of minor. */
function encodeDevice(inode: Fields<'char' | 'block'>): Buffer {
  const { major, minor } = inode;
  const fields = Buffer.alloc(8);
  fields.writeUInt32LE(inode.links, 0);
  fields.writeUInt32LE(((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0, 4);
  return withXattrs(inode, [fields]);
}

function encodeSpecial(inode: Fields<'fifo' | 'socket'>): Buffer {
  const fields = Buffer.alloc(4);
  fields.writeUInt32LE(inode.links, 0);
  return withXattrs(inode, [fields]);
}

/** For the kinds whose extended type is the basic one and, behind it, the index of its xattrs. */
function withXattrs(inode: InodeFields, body: readonly Buffer[]): Buffer {
  const index = Buffer.alloc(4);
  index.writeUInt32LE(inode.xattrs ?? noIndex);
  const extended = inode.xattrs !== undefined;
  return Buffer.concat([withHead(inode, extended, 0), ...body, ...(extended ? [index] : [])]);
}

/** The fields that every inode begins with, and `bodySize` zeros. */
function withHead(inode: InodeFields, extended: boolean, bodySize: number): Buffer {
  const bytes = Buffer.alloc(headSize + bodySize);
  const toExtended = inodeType.extendedDirectory - inodeType.directory;
  bytes.writeUInt16LE(inodeType[inode.kind] + (extended ? toExtended : 0), 0);
  bytes.writeUInt16LE(inode.mode, 2);
  bytes.writeUInt16LE(inode.uid, 4);
  bytes.writeUInt16LE(inode.gid, 6);
  bytes.writeUInt32LE(inode.mtime, 8);
  bytes.writeUInt32LE(inode.number, 12);
  return bytes;
}
