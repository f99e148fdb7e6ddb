import { contentQuestions, type Overlay, overlayOf } from '../../rootfs/compare';
import { differences } from '../../rootfs/differences';
import { type CompiledFacts, compiledQuestions, timeOnlyPaths } from '../../rootfs/python-modules';
import { stackTrees } from '../../rootfs/stack';
import { type Directory, type Hashed, type RegularFile, regularFiles } from '../../rootfs/tree';
import type { SquashfsFormat } from '../../squashfs/compression';
import { hashContents } from '../../squashfs/hash-contents';
import { type BlockContent, SquashfsReader } from '../../squashfs/reader';
import { writeSquashfs } from '../../squashfs/writer';
import type { Workshop } from '../environment';
import type { AppTree } from './app-tree';
import { type Base, hashFiles, hasSameBytes } from './base-contents';
import { checkWritten, type WrittenFile } from './check-written';
import { readCompiled } from './compiled-contents';
import { requireSame } from './require-same';

/** What changed between a base and an image: the tree of a `root.ovl.squashfs`, and what it was told from. */
export interface Compared<C> extends Overlay<C> {
  readonly facts: CompiledFacts<BlockContent, C>;
}

export async function compareWithBase<C extends Hashed>(
  base: Base,
  image: AppTree<C>,
  workshop: Workshop,
): Promise<Compared<C>> {
  const inQuestion = contentQuestions(base.root, image.root).map(([baseFile]) => baseFile);
  await hashFiles(base, inQuestion, workshop);
  const sameContent = (baseFile: RegularFile<BlockContent>, imageFile: RegularFile<C>) =>
    hasSameBytes(base, baseFile, imageFile);
  const pairs = [...compiledQuestions(base.root, image.root, sameContent)].map(([, pair]) => pair);
  const after = await image.compiled(pairs.map((pair) => pair.after.file));
  const isKnown = (pair: (typeof pairs)[number]) => after.has(pair.after.file);
  const ofBase = pairs.filter(isKnown).map((pair) => pair.before.file);
  const facts = { before: await readCompiled(base.reader, ofBase, workshop.job), after };
  return { ...overlayOf(base.root, image.root, sameContent, facts), facts };
}

/**
 * Writes an overlay to `file` and checks it: stacked on the base as the device does, it must show the image, or what Python
 * compiled of the same sources at another time.
 * @throws Problem when it doesn't; the caller deletes the file.
 */
export async function writeOverlay<C extends Hashed>(
  file: string,
  base: Base,
  image: AppTree<C>,
  { root, facts }: Compared<C>,
  format: SquashfsFormat,
  workshop: Workshop,
): Promise<WrittenFile> {
  const { pool, job } = workshop;
  const source = { ...image, root };
  const size = await writeSquashfs(file, source, { format, time: image.time, pool, job });
  const { sha256 } = await checkWritten(file, workshop, () => check(file, base, image, facts, workshop));
  return { size, sha256 };
}

async function check<C extends Hashed>(
  file: string,
  base: Base,
  image: AppTree<C>,
  facts: CompiledFacts<BlockContent, C>,
  { pool, job }: Workshop,
): Promise<void> {
  await using reader = await SquashfsReader.open(file, pool.directory);
  const root = await reader.readTree(job);
  const hashes = await hashContents(reader, regularFiles(root), pool, job, 'check');
  const view: Directory<BlockContent> = stackTrees(base.root, root);
  const sameContent = (mine: RegularFile<BlockContent>, theirs: RegularFile<Hashed>) =>
    (hashes.get(mine) ?? base.hashes.get(mine)) === theirs.content.sha256;
  const timeOnly = timeOnlyPaths(view, image.root, sameContent, facts);
  requireSame(differences(view, image.root, sameContent, timeOnly), file);
}
