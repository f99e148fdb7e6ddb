import type { Job } from '../job';
import { changesOf, type OverlayChange } from '../rootfs/overlay-changes';
import { stackTrees } from '../rootfs/stack';
import { walk } from '../rootfs/tree';
import { listedEntries, type TreeEntry } from '../rootfs/tree-entries';
import { inTurns } from '../turns';
import { readDockerManifest } from './app-manifest';
import { withBaseAndOverlay, withTree } from './base-and-overlay';
import { requireBaseOf } from './opened';

/** A path as the device sees it. */
export interface DeviceEntry extends TreeEntry {
  /** It comes from the overlay, and not from the base. */
  readonly isOfOverlay: boolean;
}

/**
 * What an app's overlay does to its base, or to that of the app it extends. Only the two files' metadata is read, so a
 * file of the same size in both counts as changed.
 *
 * @param limit of the first ones, where not all are wanted: they take little time, however many there are.
 */
export function readOverlayChanges(
  checkoutDirectory: string,
  app: string,
  codecs: string,
  job: Job,
  limit?: number,
): Promise<readonly OverlayChange[]> {
  return withBaseAndOverlay(
    checkoutDirectory,
    app,
    codecs,
    job,
    (base, overlay) => inTurns(changesOf(base.root, overlay.root, undefined, limit), job),
    limit === undefined ? 'whole' : 'lazy',
  );
}

/** Every path that the device sees of an app with an overlay, in byte order. */
export function readDeviceEntries(
  checkoutDirectory: string,
  app: string,
  codecs: string,
  job: Job,
): Promise<readonly DeviceEntry[]> {
  return withBaseAndOverlay(checkoutDirectory, app, codecs, job, async (base, overlay) => {
    const ofOverlay = await inTurns(walk(overlay.root), job);
    const nodes = new Set(ofOverlay.map(([, node]) => node));
    // Folders of both are neither's own object.
    const folders = new Set(ofOverlay.flatMap(([at, { kind }]) => (kind === 'directory' ? at : [])));
    const listed = await inTurns(listedEntries(stackTrees(base.root, overlay.root)), job);
    return listed.map(([entry, node]) => ({
      ...entry,
      isOfOverlay: nodes.has(node) || folders.has(entry.path),
    }));
  });
}

/** Every path of an app's base, in byte order. @param limit as for {@link readOverlayChanges}. */
export async function readBaseEntries(
  checkoutDirectory: string,
  app: string,
  codecs: string,
  job: Job,
  limit?: number,
): Promise<readonly TreeEntry[]> {
  const { fields } = await readDockerManifest(checkoutDirectory, app);
  const baseFile = await requireBaseOf(checkoutDirectory, app, fields);
  return withTree(
    baseFile,
    codecs,
    job,
    async ({ root }) => (await inTurns(listedEntries(root, limit), job)).map(([entry]) => entry),
    limit === undefined ? 'whole' : 'lazy',
  );
}
