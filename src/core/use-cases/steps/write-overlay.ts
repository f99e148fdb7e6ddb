import { contentQuestions, overlayOf } from '../../rootfs/compare';
import { differences } from '../../rootfs/differences';
import { stackTrees } from '../../rootfs/stack';
import { type Directory, type Hashed, regularFiles } from '../../rootfs/tree';
import type { SquashfsFormat } from '../../squashfs/compression';
import { hashContents } from '../../squashfs/hash-contents';
import { type BlockContent, SquashfsReader } from '../../squashfs/reader';
import { writeSquashfs } from '../../squashfs/writer';
import type { Workshop } from '../environment';
import { type Base, hashFiles, hasSameBytes } from './base-contents';
import { checkWritten, type WrittenFile } from './check-written';
import type { ImageTree } from './image-tree';
import { requireSame } from './require-same';

/** What changed between a base and an image, as the tree of a `root.ovl.squashfs`. */
export async function compareWithBase<C extends Hashed>(
  base: Base,
  image: ImageTree<C>,
  workshop: Workshop,
): Promise<Directory<C>> {
  const inQuestion = contentQuestions(base.root, image.root).map(([baseFile]) => baseFile);
  await hashFiles(base, inQuestion, workshop);
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
  workshop: Workshop,
): Promise<WrittenFile> {
  const { pool, job } = workshop;
  const source = { ...image, root: overlay };
  const size = await writeSquashfs(file, source, { format, time: image.time, pool, job });
  const { sha256 } = await checkWritten(file, workshop, () => check(file, base, image, workshop));
  return { size, sha256 };
}

async function check(
  file: string,
  base: Base,
  image: ImageTree<Hashed>,
  { pool, job }: Workshop,
): Promise<void> {
  await using reader = await SquashfsReader.open(file, pool.directory);
  const root = await reader.readTree(job);
  const hashes = await hashContents(reader, regularFiles(root), pool, job, 'check');
  const view: Directory<BlockContent> = stackTrees(base.root, root);
  const found = differences(view, image.root, (mine, theirs) => {
    const sha256 = hashes.get(mine) ?? base.hashes.get(mine);
    return sha256 === theirs.content.sha256;
  });
  requireSame(found, file);
}
