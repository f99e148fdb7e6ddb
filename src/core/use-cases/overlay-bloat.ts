import { type ByteString, byteStringToText } from '../bytes/byte-string';
import type { Job } from '../job';
import { bloatByName, type BloatFinding, finding, isShipped } from '../rootfs/bloat';
import { changesOf, type OverlayChange } from '../rootfs/overlay-changes';
import { fileAt, type RegularFile, walk } from '../rootfs/tree';
import { differingPages, pageSize } from '../squashfs/differing-pages';
import { hashContents } from '../squashfs/hash-contents';
import type { BlockContent } from '../squashfs/reader';
import { inTurns, nextTurn } from '../turns';
import type { BuildEnvironment } from './environment';
import { type OpenedTree, openLayers } from './steps/base-and-overlay';

/** Copies of smaller files are not worth a line. */
const smallestCopy = 64 * 1024;
/** Of files that are compared byte by byte. */
const smallestCompared = 1024 * 1024;
const largestCompared = 512 * 1024 * 1024;
/** Share of a file's pages that may differ for it to have changed in few bytes. */
const fewPages = 0.05;

type StoredFile = RegularFile<BlockContent>;

/** What an app's overlay holds that is usually not meant to ship, or that the device has already; the heaviest first. */
export async function readOverlayBloat(
  checkoutDirectory: string,
  app: string,
  environment: BuildEnvironment,
  job: Job,
): Promise<readonly BloatFinding[]> {
  await using layers = await openLayers(checkoutDirectory, app, environment.pool.directory, job);
  const { base, overlay } = layers;
  const shipped = (await inTurns(changesOf(base.root, overlay.root), job)).filter(isShipped);
  const byName = bloatByName(shipped);
  await nextTurn(job);
  const copies = await findCopies(shipped, base, overlay, environment, job);
  const hardlyChanged = await findHardlyChanged(shipped, base, overlay, job);
  return [...byName, ...copies, ...hardlyChanged].sort((a, b) => b.bytes - a.bytes);
}

/** New files whose content the base has under another name. */
async function findCopies(
  shipped: readonly OverlayChange[],
  base: OpenedTree,
  overlay: OpenedTree,
  { pool }: BuildEnvironment,
  job: Job,
): Promise<readonly BloatFinding[]> {
  const added = shipped.filter(({ change, size }) => change === 'added' && size >= smallestCopy);
  const sizes = new Set(added.map(({ size }) => size));
  const originals = new Map<StoredFile, ByteString>();
  for (const [path, node] of await inTurns(walk(base.root), job)) {
    if (node.kind === 'file' && sizes.has(node.size)) originals.set(node, path);
  }
  const originalSizes = new Set([...originals.keys()].map(({ size }) => size));
  const candidates = added.flatMap((change) => {
    const file = fileAt(overlay.root, change.path);
    return file !== undefined && originalSizes.has(file.size) ? [{ change, file }] : [];
  });
  if (candidates.length === 0) return [];
  const pathByHash = new Map<string, ByteString>();
  for (const [file, sha256] of await hashContents(base.reader, [...originals.keys()], pool, job)) {
    const path = originals.get(file);
    if (path !== undefined) pathByHash.set(sha256, path);
  }
  const files = candidates.map(({ file }) => file);
  const hashes = await hashContents(overlay.reader, files, pool, job);
  const copies = candidates.flatMap(({ change, file }) => {
    const original = pathByHash.get(hashes.get(file) ?? '');
    return original === undefined ? [] : [{ change, original }];
  });
  const [heaviest] = [...copies].sort((a, b) => b.change.size - a.change.size);
  if (heaviest === undefined) return [];
  const line = `RUN ln -s ${quoted(heaviest.original)} ${quoted(heaviest.change.path)}`;
  return [
    finding(
      'copy',
      copies.map(({ change }) => change),
      line,
    ),
  ];
}

/** Large files of which almost all pages are as in the base. */
async function findHardlyChanged(
  shipped: readonly OverlayChange[],
  base: OpenedTree,
  overlay: OpenedTree,
  job: Job,
): Promise<readonly BloatFinding[]> {
  const found: OverlayChange[] = [];
  for (const change of shipped) {
    if (change.change !== 'changed' || change.size < smallestCompared || change.size > largestCompared)
      continue;
    const before = fileAt(base.root, change.path);
    const after = fileAt(overlay.root, change.path);
    if (before?.size !== change.size || after === undefined) continue;
    const few = fewPages * Math.ceil(change.size / pageSize);
    const differing = await differingPages(
      { reader: base.reader, file: before },
      { reader: overlay.reader, file: after },
      few,
      job,
    );
    if (differing > 0 && differing <= few) found.push(change);
  }
  return found.length === 0 ? [] : [finding('fewBytes', found, 'ARG SOURCE_DATE_EPOCH=0')];
}

/** As a shell takes it. */
function quoted(path: ByteString): string {
  const text = `/${byteStringToText(path)}`;
  return /^[\w./+@%:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
