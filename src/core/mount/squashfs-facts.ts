import { type Compressor, superblockFlags } from '../squashfs/format';
import type { SquashfsReader } from '../squashfs/reader';

export type SquashfsFlag = keyof typeof superblockFlags;

/** What a SquashFS file says of itself as a whole. */
export interface SquashfsFacts {
  /** Bytes, with what follows the file system. */
  readonly size: number;
  /** Bytes of the file system alone. */
  readonly bytesUsed: number;
  readonly compressor: Compressor;
  /** Where the file names one. */
  readonly level: number | undefined;
  /** Bytes. */
  readonly blockSize: number;
  /** Seconds since 1970. */
  readonly created: number;
  readonly inodes: number;
  readonly fragments: number;
  /** Different user and group ids. */
  readonly ids: number;
  readonly hasXattrs: boolean;
  readonly hasExportTable: boolean;
  readonly flags: readonly SquashfsFlag[];
}

export function squashfsFacts({ superblock, format, size }: SquashfsReader): SquashfsFacts {
  const { flags } = superblock;
  return {
    size,
    bytesUsed: superblock.bytesUsed,
    compressor: superblock.compressor,
    level:
      (flags & superblockFlags.compressorOptions) !== 0 && 'level' in format.compression
        ? format.compression.level
        : undefined,
    blockSize: superblock.blockSize,
    created: superblock.mkfsTime,
    inodes: superblock.inodeCount,
    fragments: superblock.fragmentCount,
    ids: superblock.idCount,
    hasXattrs: superblock.xattrTable !== undefined,
    hasExportTable: superblock.exportTable !== undefined,
    flags: (Object.keys(superblockFlags) as SquashfsFlag[]).filter(
      (flag) => (flags & superblockFlags[flag]) !== 0,
    ),
  };
}
