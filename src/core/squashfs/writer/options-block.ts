import { type Compression, defaultLevel } from '../compression';
import { metadataStoredBit } from '../format';

/**
 * The compressor's options, which follow the superblock in a metadata block that is stored as it is (squashfs-tools:
 * gzip_wrapper.h, zstd_wrapper.h). Like mksquashfs, none when they are the compressor's defaults; the kernel asks for
 * none of those that can be set here.
 */
export function optionsBlock(compression: Compression): Buffer | undefined {
  switch (compression.compressor) {
    case 'xz':
      return undefined;
    case 'gzip': {
      const { level } = compression;
      if (level === defaultLevel.gzip) return undefined;
      const windowBits = 15;
      const block = metadataBlock(8);
      block.writeUInt32LE(level, 2);
      block.writeUInt16LE(windowBits, 6);
      return block;
    }
    case 'zstd': {
      const { level } = compression;
      if (level === defaultLevel.zstd) return undefined;
      const block = metadataBlock(4);
      block.writeUInt32LE(level, 2);
      return block;
    }
  }
}

function metadataBlock(size: number): Buffer {
  const block = Buffer.alloc(2 + size);
  block.writeUInt16LE(size | metadataStoredBit, 0);
  return block;
}
