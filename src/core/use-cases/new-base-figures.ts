import path from 'node:path';
import { readCheckout } from '../checkout/checkout';
import { overlayVolume } from '../checkout/manifests/volume-name';
import type { Job } from '../job';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { contentQuestions, overlayOf } from '../rootfs/compare';
import { type CompiledPython } from '../rootfs/compiled-python';
import { type CompiledFacts, compiledQuestions } from '../rootfs/python-modules';
import type { SameContent } from '../rootfs/differences';
import { stackTrees } from '../rootfs/stack';
import { type Directory, type RegularFile, regularFiles, walk } from '../rootfs/tree';
import { hashContents } from '../squashfs/hash-contents';
import type { BlockContent, SquashfsReader } from '../squashfs/reader';
import { StoredSizes } from '../squashfs/stored-sizes';
import { inTurns, nextTurn } from '../turns';
import type { DependantOverlay, NewBaseFigures } from './advice';
import type { BuildEnvironment } from './environment';
import { type Layers, type OpenedTree, openLayers, openTree } from './steps/base-and-overlay';
import { readCompiled } from './steps/compiled-contents';
import { impactOn } from './steps/impact';

/**
 * What a new base would mean for an app with an overlay over its own base. Little more than the metadata of both files is read.
 *
 * @throws Problem when the app has no base or no overlay.
 */
export async function readNewBaseFigures(
  checkoutDirectory: string,
  appName: string,
  environment: BuildEnvironment,
  job: Job,
): Promise<NewBaseFigures> {
  const checkout = await readCheckout(checkoutDirectory);
  const app = checkout.apps.find(({ name }) => name === appName);
  if (app?.base === undefined || app.overlay === undefined) {
    throw new Problem({
      doing: `estimating a new base of ${appName}`,
      found: `it has no overlay over a base of its own`,
      remedy: remedy`Make one with ${way.patch()}, or look at the app whose base it extends`,
    });
  }
  const changedFiles = [
    app.base.path,
    app.overlay.path,
    ...app.dependants.map((dependant) => `${dependant}/${overlayVolume}`),
  ];
  await using layers = await openLayers(checkoutDirectory, appName, environment.pool.directory, job);
  const newBase = await estimatedSize(layers.base, layers.overlay, environment, job);
  const dependants: DependantOverlay[] = [];
  for (const name of app.dependants) {
    const overlay = checkout.apps.find((other) => other.name === name)?.overlay;
    if (overlay === undefined) continue;
    const file = path.join(checkoutDirectory, overlay.path);
    await using extension = await openTree(file, environment.pool.directory, job);
    const rebuilt = await rebuiltSize(layers, extension, environment, job);
    dependants.push({ app: name, overlay: overlay.size, rebuilt });
  }
  return {
    base: app.base.size,
    overlay: app.overlay.size,
    newBase,
    dependants,
    restart: impactOn(checkout, changedFiles).restart,
  };
}

/** SquashFS files are padded to this. */
const padding = 4096;

/**
 * Contents weigh what they weigh in the file that the device sees them from; metadata, what there is of it now for each path.
 */
async function estimatedSize(
  base: OpenedTree,
  overlay: OpenedTree,
  environment: BuildEnvironment,
  job: Job,
): Promise<number> {
  const inBase = await walked(base.root, job);
  const inOverlay = await walked(overlay.root, job);
  const inView = await walked(stackTrees(base.root, overlay.root), job);
  const shown = [...inView.files];
  const ofBase = shown.filter((file) => !inOverlay.files.has(file));
  const ofOverlay = shown.filter((file) => inOverlay.files.has(file));
  const copies = await copiesOf(ofBase, base.reader, ofOverlay, overlay.reader, environment, job);
  await nextTurn(job);
  const baseSizes = await StoredSizes.read(base.reader, inBase.files);
  const overlaySizes = await StoredSizes.read(overlay.reader, inOverlay.files);
  await nextTurn(job);
  const contents = baseSizes.of(ofBase) + overlaySizes.of(ofOverlay.filter((file) => !copies.has(file)));
  return padded(contents + metadataOf(base, inBase.count, inView.count));
}

/** Bytes of the metadata of as many paths as there will be, going by what those that there are take now. */
function metadataOf({ reader }: OpenedTree, paths: number, wanted: number): number {
  const { bytesUsed, inodeTable } = reader.superblock;
  return ((bytesUsed - inodeTable) * wanted) / paths;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / padding) * padding;
}

/**
 * What the overlay of an app that extends the base would weigh over the new one. Where its own image was built on the older one, it
 * has to carry what the new base no longer holds.
 */
async function rebuiltSize(
  { base, overlay }: Layers,
  extension: OpenedTree,
  { pool }: BuildEnvironment,
  job: Job,
): Promise<number> {
  const newBase: Directory<BlockContent> = stackTrees(base.root, overlay.root);
  const wanted: Directory<BlockContent> = stackTrees(base.root, extension.root);
  const changed = await walked(overlay.root, job);
  const own = await walked(extension.root, job);
  // What only one of the two overlays has is another file than the base's.
  const inQuestion = contentQuestions(newBase, wanted).filter(
    ([mine, theirs]) => changed.files.has(mine) && own.files.has(theirs),
  );
  const mine = await hashContents(overlay.reader, [...new Set(inQuestion.map(([file]) => file))], pool, job);
  const theirs = await hashContents(
    extension.reader,
    [...new Set(inQuestion.map(([, file]) => file))],
    pool,
    job,
  );
  const isSame = (one: StoredFile, other: StoredFile) =>
    one === other || (mine.has(one) && mine.get(one) === theirs.get(other));
  const facts = await compiledFacts(newBase, wanted, isSame, [base, overlay, extension], job);
  const rebuilt = await walked(overlayOf(newBase, wanted, isSame, facts).root, job);
  const files = [...rebuilt.files];
  const ownSizes = await StoredSizes.read(extension.reader, own.files);
  const baseSizes = await StoredSizes.read(base.reader, (await walked(base.root, job)).files);
  const contents =
    ownSizes.of(files.filter((file) => own.files.has(file))) +
    baseSizes.of(files.filter((file) => !own.files.has(file)));
  return padded(contents + metadataOf(extension, own.count, rebuilt.count));
}

type StoredFile = RegularFile<BlockContent>;

async function compiledFacts(
  newBase: Directory<BlockContent>,
  wanted: Directory<BlockContent>,
  isSame: SameContent<BlockContent, BlockContent>,
  holders: readonly OpenedTree[],
  job: Job,
): Promise<CompiledFacts<BlockContent, BlockContent>> {
  const pairs = [...compiledQuestions(newBase, wanted, isSame)].map(([, pair]) => pair);
  const files = new Set(pairs.flatMap(({ before, after }) => [before.file, after.file]));
  const facts = new Map<StoredFile, CompiledPython>();
  for (const { root, reader } of files.size === 0 ? [] : holders) {
    const own = regularFiles(root).filter((file) => files.has(file));
    for (const [file, compiled] of await readCompiled(reader, own, job)) facts.set(file, compiled);
  }
  return { before: facts, after: facts };
}

/**
 * The files of the overlay that a file of the base is equal to: together they would be stored once. Only those are read
 * that compress alike, block by block. Small files, which have no block of their own, are not looked for.
 */
async function copiesOf(
  ofBase: readonly StoredFile[],
  baseReader: SquashfsReader,
  ofOverlay: readonly StoredFile[],
  overlayReader: SquashfsReader,
  { pool }: BuildEnvironment,
  job: Job,
): Promise<ReadonlySet<StoredFile>> {
  const wanted = new Set(ofOverlay.map(shapeOf));
  const originals = ofBase.filter((file) => isLarge(file) && wanted.has(shapeOf(file)));
  const shapes = new Set(originals.map(shapeOf));
  const candidates = ofOverlay.filter((file) => isLarge(file) && shapes.has(shapeOf(file)));
  const known = new Set((await hashContents(baseReader, originals, pool, job)).values());
  const hashes = await hashContents(overlayReader, candidates, pool, job);
  return new Set(candidates.filter((file) => known.has(hashes.get(file) ?? '')));
}

function isLarge({ content }: StoredFile): boolean {
  return content.blockSizes.length > 0;
}

/** The same for files with the same content in files of the same format. */
function shapeOf({ size, content }: StoredFile): string {
  return `${size} ${content.blockSizes.join(' ')}`;
}

interface Walked {
  /** Hard links once. */
  readonly files: ReadonlySet<StoredFile>;
  /** Of all paths, with the root's. */
  readonly count: number;
}

async function walked(root: Directory<BlockContent>, job: Job): Promise<Walked> {
  const paths = await inTurns(walk(root), job);
  const files = new Set<StoredFile>();
  for (const [, node] of paths) if (node.kind === 'file') files.add(node);
  return { files, count: paths.length + 1 };
}
