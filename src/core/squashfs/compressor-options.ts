import { type Compression, defaultLevel } from './compression';
import type { Superblock } from './superblock';
import { metadataStoredBit, superblockFlags, superblockSize } from './format';
import type { SourceFile } from './source-file';

/**
 * How to compress as an existing file is: by its compressor, at its level if it names one, else at mksquashfs's default.
 * xz stands in for compressors that can't be written here.
 */
export async function compressionOf(source: SourceFile, superblock: Superblock): Promise<Compression> {
  switch (superblock.compressor) {
    case 'gzip':
      return { compressor: 'gzip', level: (await readLevel(source, superblock, 9)) ?? defaultLevel.gzip };
    case 'zstd':
      return { compressor: 'zstd', level: (await readLevel(source, superblock, 22)) ?? defaultLevel.zstd };
    case 'xz':
    case 'lz4':
    case 'lzo':
    case 'lzma':
      return { compressor: 'xz' };
  }
}

/**
 * The first field of the compressor's options, which lie behind the superblock in a metadata block that is stored as it
 * is (squashfs-tools: gzip_wrapper.h, zstd_wrapper.h). Absent when the file was made with default options.
 */
async function readLevel(
  source: SourceFile,
  superblock: Superblock,
  highest: number,
): Promise<number | undefined> {
  const size = 2 + 4;
  if ((superblock.flags & superblockFlags.compressorOptions) === 0) return undefined;
  if (superblockSize + size > superblock.bytesUsed) return undefined;
  const options = await source.read(superblockSize, size);
  const header = options.readUInt16LE(0);
  if ((header & metadataStoredBit) === 0) return undefined;
  const level = options.readUInt32LE(2);
  return level >= 1 && level <= highest ? level : undefined;
}
