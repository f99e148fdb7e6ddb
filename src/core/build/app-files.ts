import path from 'node:path';
import { pathExists } from '../checkout/path-exists';
import { overlayVolume } from '../checkout/volume-name';
import type { Job } from '../job';
import { Problem } from '../problem';
import { overlayChanges, type OverlayChange } from '../rootfs/overlay-changes';
import type { ByteString } from '../rootfs/byte-string';
import { stackTrees } from '../rootfs/stack';
import { walk, type Directory, type Kind, type Node } from '../rootfs/tree';
import { SquashfsReader, type BlockContent } from '../squashfs/reader';
import { readDockerManifest } from './app-manifest';
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
export async function readOverlayChanges(
  checkoutDirectory: string,
  app: string,
  environment: BuildEnvironment,
  job: Job,
): Promise<readonly OverlayChange[]> {
  const { base, overlay } = await readBoth(checkoutDirectory, app, environment, job);
  return overlayChanges(base, overlay);
}

/** Every path that the device sees of an app with an overlay, in byte order. */
export async function readDeviceEntries(
  checkoutDirectory: string,
  app: string,
  environment: BuildEnvironment,
  job: Job,
): Promise<readonly DeviceEntry[]> {
  const { base, overlay } = await readBoth(checkoutDirectory, app, environment, job);
  const ofOverlay = new Set([...walk(overlay)].map(([, node]) => node));
  const folders = new Set(
    [...walk(overlay)].filter(([, { kind }]) => kind === 'directory').map(([entryPath]) => entryPath),
  );
  return entriesOf(stackTrees(base, overlay)).map(([entry, node]) => ({
    ...entry,
    isOfOverlay: ofOverlay.has(node) || folders.has(entry.path),
  }));
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
  return entriesOf(await readTree(baseFile, environment, job)).map(([entry]) => entry);
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

interface BaseAndOverlay {
  readonly base: Directory<BlockContent>;
  readonly overlay: Directory<BlockContent>;
}

async function readBoth(
  checkoutDirectory: string,
  app: string,
  environment: BuildEnvironment,
  job: Job,
): Promise<BaseAndOverlay> {
  const file = path.join(checkoutDirectory, app, overlayVolume);
  const { fields } = await readDockerManifest(checkoutDirectory, app);
  if (!(await pathExists(file))) {
    throw new Problem({
      doing: `listing the overlay of ${app}`,
      found: `${app} has no overlay`,
      remedy: `List its base with pvx app files ${app} --base, or make one with pvx app update ${app} --patch`,
    });
  }
  const baseFile = await requireBaseFile(checkoutDirectory, fields.base ?? app);
  const [base, overlay] = await Promise.all([
    readTree(baseFile, environment, job),
    readTree(file, environment, job),
  ]);
  return { base, overlay };
}

async function readTree(
  file: string,
  { pool }: BuildEnvironment,
  job: Job,
): Promise<Directory<BlockContent>> {
  const reader = await SquashfsReader.open(file, pool.directory);
  try {
    return await reader.readTree(job);
  } finally {
    await reader.close();
  }
}
