/**
 * Numbers of the SquashFS 4.0 format, as the kernel's fs/squashfs/squashfs_fs.h has them. All fields are little-endian.
 */

export const superblockSize = 96;
/** `hsqs` read as a little-endian number. */
export const magic = 0x73717368;
export const majorVersion = 4;
export const minorVersion = 0;

/** Metadata (inodes, directory entries, ids, ...) is compressed in pieces of this many bytes. */
export const metadataBlockSize = 8192;
/** Set in the 16-bit header of a metadata block that is stored as it is. */
export const metadataStoredBit = 1 << 15;
/** Set in the 32-bit size of a data or fragment block that is stored as it is. */
export const dataStoredBit = 1 << 24;

/** The kernel reads blocks of this size from the device that holds the file system. */
export const deviceBlockSize = 1024;

export const smallestBlockSize = 4096;
export const largestBlockSize = 1 << 20;

/** In a 32-bit fragment index or xattr index: the inode has none. */
export const noIndex = 0xffff_ffff;
/** In a 64-bit table position: the file has no such table. */
export const noTable = 0xffff_ffff_ffff_ffffn;

export const superblockFlags = {
  inodesStored: 0x0001,
  dataStored: 0x0002,
  fragmentsStored: 0x0008,
  noFragments: 0x0010,
  alwaysFragments: 0x0020,
  duplicatesRemoved: 0x0040,
  exportable: 0x0080,
  xattrsStored: 0x0100,
  noXattrs: 0x0200,
  compressorOptions: 0x0400,
  idsStored: 0x0800,
} as const;

export const inodeType = {
  directory: 1,
  file: 2,
  symlink: 3,
  block: 4,
  char: 5,
  fifo: 6,
  socket: 7,
  extendedDirectory: 8,
  extendedFile: 9,
  extendedSymlink: 10,
  extendedBlock: 11,
  extendedChar: 12,
  extendedFifo: 13,
  extendedSocket: 14,
} as const;

/** Bytes of one entry in each table that hangs below a list of metadata block positions. */
export const fragmentEntrySize = 16;
export const idEntrySize = 4;
export const xattrIdEntrySize = 16;
export const exportEntrySize = 8;

/** Bytes of the header of a run of directory entries, and of an entry without its name. */
export const directoryHeaderSize = 12;
export const directoryEntrySize = 8;
/** Bytes of an inode's number, in an inode and in a directory header. */
export const inodeNumberSize = 4;

/** Entries below one directory header, and the bytes of a name: both are stored less one. */
export const maxEntriesPerHeader = 256;
export const maxNameLength = 256;

/** The namespaces an xattr can have, by the number that stands for each. */
export const xattrPrefixes = ['user.', 'trusted.', 'security.'] as const;
/** Set beside the prefix number when the value's place holds a reference to the value. */
export const xattrValueElsewhere = 0x0100;

/**
 * Where something lies in a table of metadata blocks, as inodes and xattrs are referred to: the position of the
 * compressed block below the table's start in the upper 32 of 48 bits, the position in its decompressed bytes in the
 * lower 16. A `number` holds 48 bits exactly.
 */
export type MetadataReference = number;

export function metadataReference(block: number, offset: number): MetadataReference {
  return block * 0x1_0000 + offset;
}

export function splitMetadataReference(reference: MetadataReference): { block: number; offset: number } {
  return { block: Math.floor(reference / 0x1_0000), offset: reference % 0x1_0000 };
}

/** What a superblock calls the compressors (fs/squashfs/squashfs_fs.h, `*_COMPRESSION`). */
export const compressorIds = { gzip: 1, lzma: 2, lzo: 3, xz: 4, lz4: 5, zstd: 6 } as const;
export type Compressor = keyof typeof compressorIds;
