import type { Job } from '../../job';
import { contentQuestions, overlayOf } from '../../rootfs/compare';
import { differences } from '../../rootfs/differences';
import { stackTrees } from '../../rootfs/stack';
import { regularFiles, type Directory, type Hashed } from '../../rootfs/tree';
import type { CodecPool } from '../../squashfs/codec-pool';
import type { SquashfsFormat } from '../../squashfs/compression';
import { hashContents } from '../../squashfs/hash-contents';
import { SquashfsReader, type BlockContent } from '../../squashfs/reader';
import { writeSquashfs } from '../../squashfs/writer';
import type { BuildEnvironment } from '../environment';
import { hasSameBytes, hashFiles, type Base } from './base-contents';
import { checkWritten, type WrittenFile } from './check-written';
import type { ImageTree } from './image-tree';
import { requireSame } from './require-same';

/** What changed between a base and an image, as the tree of a `root.ovl.squashfs`. */
export async function compareWithBase<C extends Hashed>(
  base: Base,
  image: ImageTree<C>,
  { pool, cache }: BuildEnvironment,
  job: Job,
): Promise<Directory<C>> {
  const inQuestion = contentQuestions(base.root, image.root).map(([baseFile]) => baseFile);
  await hashFiles(base, inQuestion, pool, cache, job);
  return overlayOf(base.root, image.root, (baseFile, imageFile) => hasSameBytes(base, baseFile, imageFile));
}

/**
 * Writes `overlay` to `file` and checks it: stacked on the base as the device does, it must show the image.
 * @throws Problem when it doesn't; the caller deletes the file.
 */
export async function writeOverlay<C extends Hashed>(
  file: string,
  base: Base,
  image: ImageTree<C>,
  overlay: Directory<C>,
  format: SquashfsFormat,
  { pool }: BuildEnvironment,
  job: Job,
): Promise<WrittenFile> {
  const source = { ...image, root: overlay };
  const size = await writeSquashfs(file, source, { format, time: image.time, pool, job });
  const { sha256 } = await checkWritten(file, pool, job, () => check(file, base, image, pool, job));
  return { size, sha256 };
}

async function check(
  file: string,
  base: Base,
  image: ImageTree<Hashed>,
  pool: CodecPool,
  job: Job,
): Promise<void> {
  const reader = await SquashfsReader.open(file, pool.directory);
  try {
    const root = await reader.readTree(job);
    const hashes = await hashContents(reader, regularFiles(root), pool, job, 'check');
    const view: Directory<BlockContent> = stackTrees(base.root, root);
    const found = differences(view, image.root, (mine, theirs) => {
      const sha256 = hashes.get(mine) ?? base.hashes.get(mine);
      return sha256 === theirs.content.sha256;
    });
    requireSame(found, file);
  } finally {
    await reader.close();
  }
}
