import type { Job } from '../job';
import { differences } from '../rootfs/differences';
import { regularFiles, type Hashed } from '../rootfs/tree';
import type { SquashfsFormat } from '../squashfs/compression';
import { hashContents } from '../squashfs/hash-contents';
import { SquashfsReader } from '../squashfs/reader';
import { writeSquashfs, type WrittenSquashfs } from '../squashfs/writer';
import { rememberHashes } from './base-contents';
import type { BuildEnvironment } from './environment';
import type { ImageTree } from './image-tree';
import { requireSame } from './require-same';

/**
 * Writes the whole image to `file` as a `root.squashfs`, and checks it by reading every byte back.
 * @throws Problem when what was written doesn't hold what the image holds; the caller deletes the file.
 */
export async function writeBase<C extends Hashed>(
  file: string,
  image: ImageTree<C>,
  format: SquashfsFormat,
  { pool, cache }: BuildEnvironment,
  job: Job,
): Promise<WrittenSquashfs> {
  const written = await writeSquashfs(file, image, { format, time: image.time, pool, job });

  const reader = await SquashfsReader.open(file, pool.directory);
  try {
    const root = await reader.readTree(job);
    const hashes = await hashContents(reader, regularFiles(root), pool, job, 'check');
    const found = differences(root, image.root, (mine, theirs) => hashes.get(mine) === theirs.content.sha256);
    requireSame(found, file);
    await rememberHashes(root, hashes, cache, written.sha256);
  } finally {
    await reader.close();
  }
  return written;
}
