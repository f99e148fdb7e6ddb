import { Problem } from '../problem';
import { damaged } from './damaged';
import { deviceBlockSize, superblockSize } from './format';
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
