import path from 'node:path';
import { pathExists } from '../checkout/path-exists';
import { overlayVolume } from '../checkout/volume-name';
import type { Job } from '../job';
import { Problem } from '../problem';
import { overlayChanges, type OverlayChange } from '../rootfs/overlay-changes';
import type { ByteString } from '../rootfs/byte-string';
import { walk, type Directory, type Kind } from '../rootfs/tree';
import { SquashfsReader } from '../squashfs/reader';
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
  return overlayChanges(base, overlay);
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
  const root = await readTree(baseFile, environment, job);
  return [...walk(root)].map(([entryPath, node]) => {
    const { mode, uid, gid } = node.attributes;
    return {
      path: entryPath,
      kind: node.kind,
      size: node.kind === 'file' ? node.size : 0,
      mode,
      uid,
      gid,
      ...(node.kind === 'symlink' && { target: node.target }),
    };
  });
}

async function readTree(file: string, { pool }: BuildEnvironment, job: Job): Promise<Directory<unknown>> {
  const reader = await SquashfsReader.open(file, pool.directory);
  try {
    return await reader.readTree(job);
  } finally {
    await reader.close();
  }
}
