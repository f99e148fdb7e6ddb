import type { Job } from '../job';
import { overlayChanges, type OverlayChange } from '../rootfs/overlay-changes';
import type { ByteString } from '../rootfs/byte-string';
import { stackTrees } from '../rootfs/stack';
import { walk, type Directory, type Kind, type Node } from '../rootfs/tree';
import { readDockerManifest } from './app-manifest';
import { withBaseAndOverlay, withTree } from './base-and-overlay';
import type { BuildEnvironment } from './environment';
import { requireBaseFile } from './opened';

/** A path of a base. */
export interface BaseEntry {
  readonly path: ByteString;
  readonly kind: Kind;
  /** Bytes of content, before compression; 0 of all but files. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a symbolic link. */
  readonly target?: ByteString;
  /** The path at which the same inode has been listed before: its `size` must not be counted twice. */
  readonly hardLinkOf?: ByteString;
}

/** A path as the device sees it. */
export interface DeviceEntry extends BaseEntry {
  /** It comes from the overlay, and not from the base. */
  readonly isOfOverlay: boolean;
}

/**
 * What an app's overlay does to its base, or to that of the app it extends. Only the two files' metadata is read, so a
 * file of the same size in both counts as changed.
 */
export function readOverlayChanges(
  checkoutDirectory: string,
  app: string,
  environment: BuildEnvironment,
  job: Job,
): Promise<readonly OverlayChange[]> {
  return withBaseAndOverlay(checkoutDirectory, app, environment, job, (base, overlay) =>
    overlayChanges(base.root, overlay.root),
  );
}

/** Every path that the device sees of an app with an overlay, in byte order. */
export function readDeviceEntries(
  checkoutDirectory: string,
  app: string,
  environment: BuildEnvironment,
  job: Job,
): Promise<readonly DeviceEntry[]> {
  return withBaseAndOverlay(checkoutDirectory, app, environment, job, (base, overlay) => {
    const ofOverlay = [...walk(overlay.root)];
    const nodes = new Set(ofOverlay.map(([, node]) => node));
    // Folders of both are neither's own object.
    const folders = new Set(ofOverlay.flatMap(([at, { kind }]) => (kind === 'directory' ? at : [])));
    return entriesOf(stackTrees(base.root, overlay.root)).map(([entry, node]) => ({
      ...entry,
      isOfOverlay: nodes.has(node) || folders.has(entry.path),
    }));
  });
}

/** Every path of an app's base, in byte order. */
export async function readBaseEntries(
  checkoutDirectory: string,
  app: string,
  environment: BuildEnvironment,
  job: Job,
): Promise<readonly BaseEntry[]> {
  const { fields } = await readDockerManifest(checkoutDirectory, app);
  const baseFile = await requireBaseFile(checkoutDirectory, fields.base ?? app);
  return withTree(baseFile, environment.pool.directory, job, ({ root }) =>
    entriesOf(root).map(([entry]) => entry),
  );
}

function entriesOf<C>(root: Directory<C>): readonly (readonly [BaseEntry, Node<C>])[] {
  const firstPaths = new Map<Node<C>, ByteString>();
  return [...walk(root)].map(([entryPath, node]) => {
    const { mode, uid, gid } = node.attributes;
    const first = firstPaths.get(node);
    if (first === undefined) firstPaths.set(node, entryPath);
    const entry: BaseEntry = {
      path: entryPath,
      kind: node.kind,
      size: node.kind === 'file' ? node.size : 0,
      mode,
      uid,
      gid,
      ...(node.kind === 'symlink' && { target: node.target }),
      ...(first !== undefined && { hardLinkOf: first }),
    };
    return [entry, node] as const;
  });
}
