import { Problem } from '../problem';
import { type Compression, defaultFormat, writableCompressors } from './compression';
import { damaged } from './damaged';
import { deviceBlockSize, metadataStoredBit, superblockFlags, superblockSize } from './format';
import { checkTablePositions } from './metadata-tables';
import { SourceFile } from './source-file';
import { decodeSuperblock, type Superblock } from './superblock';

/** @throws Problem when the file can't be read, is no SquashFS 4.0 file, or is shorter than its superblock says. */
export async function readSuperblock(source: SourceFile): Promise<Superblock> {
  const head = await source.read(0, Math.min(superblockSize, source.size));
  const superblock = decodeSuperblock(head, source.path);
  checkTablePositions(source, superblock);
  return superblock;
}

/**
 * Refuses a file that can be read, but whose last block no kernel can: it reads whole blocks of 1024 bytes (fs/squashfs/super.c,
 * SQUASHFS_DEVBLK_SIZE), and a loop device has none that a file only begins. For this mksquashfs pads its files, unless it is told not to.
 */
export function requireMountable(source: SourceFile, { bytesUsed }: Superblock): void {
  const needed = Math.ceil(bytesUsed / deviceBlockSize) * deviceBlockSize;
  if (source.size >= needed) return;
  throw damaged(
    source.path,
    `it has ${source.size} bytes, and no kernel mounts it with less than ${needed}; its end was cut off, or it was made without padding`,
  );
}

/**
 * What a look at 96 bytes shows: that another kind of file has this name, or one that a copy cut short, so that no device
 * mounts it. A clause about the file; undefined when nothing is wrong.
 *
 * @throws Problem when it can't be opened.
 */
export async function findSquashfsFault(path: string): Promise<string | undefined> {
  const source = await SourceFile.open(path);
  try {
    requireMountable(source, await readSuperblock(source));
    return undefined;
  } catch (problem) {
    if (problem instanceof Problem) return problem.found;
    throw problem;
  } finally {
    await source.close();
  }
}

/**
 * How to compress as an existing file is: with its compressor and options, which are mksquashfs's defaults where it names
 * none. xz stands in for compressors that can't be written here.
 */
export async function compressionOf(source: SourceFile, superblock: Superblock): Promise<Compression> {
  const compressor = writableCompressors.get(superblock.compressor);
  if (compressor === undefined) return defaultFormat.compression;
  return compressor.readOptions(await readCompressorOptions(source, superblock));
}

/** They lie behind the superblock in a metadata block that is stored as it is. Not all of them where the file ends before. */
async function readCompressorOptions(
  source: SourceFile,
  { flags, bytesUsed }: Superblock,
): Promise<Buffer | undefined> {
  const start = superblockSize + 2;
  if ((flags & superblockFlags.compressorOptions) === 0 || start > bytesUsed) return undefined;
  const header = (await source.read(superblockSize, 2)).readUInt16LE();
  if ((header & metadataStoredBit) === 0) return undefined;
  return source.read(start, Math.min(header - metadataStoredBit, bytesUsed - start));
}
