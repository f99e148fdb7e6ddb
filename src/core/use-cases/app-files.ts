import type { Job } from '../job';
import { changesOf, isContentInQuestion, type OverlayChange } from '../rootfs/overlay-changes';
import { stackTrees } from '../rootfs/stack';
import { fileAt, walk } from '../rootfs/tree';
import { listedEntries, type TreeEntry } from '../rootfs/tree-entries';
import { differingPages } from '../squashfs/differing-pages';
import type { SquashfsReader } from '../squashfs/reader';
import { type FilePair, inSameBytes } from '../squashfs/same-bytes';
import { inTurns } from '../turns';
import { type Layers, openBaseTree, openLayers } from './steps/base-and-overlay';

/** A path as the device sees it. */
export interface DeviceEntry extends TreeEntry {
  /** It comes from the overlay, and not from the base. */
  readonly isOfOverlay: boolean;
}

/**
 * What an app's overlay does to its base, or to that of the app it extends.
 *
 * @param limit of the first ones, where not all are wanted: they take little time, however many there are. Only metadata is
 * read for them, so that a file of the same size in both counts as changed.
 */
export async function readOverlayChanges(
  checkoutDirectory: string,
  app: string,
  codecs: string,
  job: Job,
  limit?: number,
): Promise<readonly OverlayChange[]> {
  const extent = limit === undefined ? 'whole' : 'lazy';
  await using layers = await openLayers(checkoutDirectory, app, codecs, job, extent);
  if (limit === undefined) return await exactChanges(layers, job);
  const { base, overlay } = layers;
  return await inTurns(changesOf(base.root, overlay.root, undefined, limit), job);
}

/** The same of what is open, with all that only bytes can tell. */
export async function exactChanges({ base, overlay }: Layers, job: Job): Promise<readonly OverlayChange[]> {
  const changes = await inTurns(changesOf(base.root, overlay.root), job);
  const pairs = changes.filter(isContentInQuestion).flatMap(({ path }): readonly FilePair[] => {
    const now = fileAt(overlay.root, path);
    const before = fileAt(base.root, path);
    return now !== undefined && before !== undefined ? [[now, before]] : [];
  });
  const same = await withSameContent([overlay.reader, base.reader], pairs, job);
  if (same.size === 0) return changes;
  return inTurns(
    changesOf(base.root, overlay.root, (_, now) => same.has(now)),
    job,
  );
}

/** The first files of those pairs that have the same bytes. */
async function withSameContent(
  [left, right]: readonly [SquashfsReader, SquashfsReader],
  pairs: readonly FilePair[],
  job: Job,
): Promise<ReadonlySet<FilePair[0]>> {
  const same = await inSameBytes([left, right], pairs, job);
  for (const [one, other] of pairs) {
    if (same.has(one)) continue;
    const pages = await differingPages({ reader: left, file: one }, { reader: right, file: other }, 0, job);
    if (pages === 0) same.add(one);
  }
  return same;
}

/** Every path that the device sees of an app with an overlay, in byte order. */
export async function readDeviceEntries(
  checkoutDirectory: string,
  app: string,
  codecs: string,
  job: Job,
): Promise<readonly DeviceEntry[]> {
  await using layers = await openLayers(checkoutDirectory, app, codecs, job);
  const { base, overlay } = layers;
  const ofOverlay = await inTurns(walk(overlay.root), job);
  const nodes = new Set(ofOverlay.map(([, node]) => node));
  // Folders of both are neither's own object.
  const folders = new Set(ofOverlay.flatMap(([at, { kind }]) => (kind === 'directory' ? at : [])));
  const listed = await inTurns(listedEntries(stackTrees(base.root, overlay.root)), job);
  return listed.map(([entry, node]) => ({
    ...entry,
    isOfOverlay: nodes.has(node) || folders.has(entry.path),
  }));
}

/** Every path of an app's base, in byte order. @param limit as for {@link readOverlayChanges}. */
export async function readBaseEntries(
  checkoutDirectory: string,
  app: string,
  codecs: string,
  job: Job,
  limit?: number,
): Promise<readonly TreeEntry[]> {
  const extent = limit === undefined ? 'whole' : 'lazy';
  await using base = await openBaseTree(checkoutDirectory, app, codecs, job, extent);
  return (await inTurns(listedEntries(base.root, limit), job)).map(([entry]) => entry);
}
