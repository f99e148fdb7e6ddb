import type { Job } from '../job';
import { Problem } from '../problem';
import { differences } from '../rootfs/stack';
import { regularFiles } from '../rootfs/tree';
import type { SquashfsFormat } from '../squashfs/compression';
import { hashContents } from '../squashfs/hash-contents';
import { SquashfsReader } from '../squashfs/reader';
import { writeSquashfs, type WrittenSquashfs } from '../squashfs/writer';
import { rememberHashes } from './base-contents';
import type { BuildEnvironment } from './environment';
import type { ImageTree } from './image-tree';

/**
 * Writes the whole image to `file` as a `root.squashfs`, and checks it by reading every byte back.
 * @throws Problem when what was written doesn't hold what the image holds; the caller deletes the file.
 */
export async function writeBase(
  file: string,
  image: ImageTree,
  format: SquashfsFormat,
  { pool, cache }: BuildEnvironment,
  job: Job,
): Promise<WrittenSquashfs> {
  const written = await writeSquashfs(file, image, { format, time: image.time, pool, job });

  const reader = await SquashfsReader.open(file, pool.directory);
  try {
    const root = await reader.readTree(job);
    const hashes = await hashContents(reader, regularFiles(root), pool, job);
    const found = differences(root, image.root, (mine, theirs) => hashes.get(mine) === theirs.content.sha256);
    requireSame(found, file);
    await rememberHashes(root, hashes, cache, written.sha256);
  } finally {
    await reader.close();
  }
  return written;
}

/** The last line of defence: a result that isn't the image is thrown away, whatever the reason. */
export function requireSame(differencesFound: readonly string[], file: string): void {
  const [first] = differencesFound;
  if (first === undefined) return;
  throw new Problem({
    doing: `checking ${file} against its image`,
    found: `${differencesFound.length} entries differ, the first: ${first}`,
    remedy: 'Nothing was installed. This is a defect: please report it together with the image',
  });
}
