import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Transaction } from '../../checkout/change/transaction';
import type { SourceManifest } from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import { fileProblem } from '../../files/file-problem';
import { sha256OfFile } from '../../files/hash-file';
import type { Image } from '../../image/image';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import { overlayChanges, type OverlayChange } from '../../rootfs/overlay-changes';
import type { Hashed } from '../../rootfs/tree';
import { defaultFormat } from '../../squashfs/compression';
import type { BuildEnvironment } from '../environment';
import type { BuiltFile } from '../report';
import { hasSameBytes, type Base } from './base-contents';
import type { WrittenFile } from './check-written';
import { withImageBesideBase, withImageBesidePresentBase } from './image-beside-base';
import type { ImageTree } from './image-tree';
import { formatOf } from './squashfs-format';
import { writeBase } from './write-base';
import { compareWithBase, writeOverlay } from './write-overlay';

/** A SquashFS file that waits in the transaction for the commit. */
export interface StagedFile extends BuiltFile {
  /** Where it lies until then. */
  readonly file: string;
}

export interface StagedOverlay extends StagedFile {
  readonly changes: readonly OverlayChange[];
}

/** What a report tells of it. */
export function reported({
  path,
  kind,
  size,
  sha256,
  previousSize,
  isSame,
  baseSize,
}: StagedFile): BuiltFile {
  return { path, kind, size, sha256, previousSize, isSame, baseSize };
}

/** Builds an app's `root.squashfs`, with the help of the one that lies there. */
export async function stageBase(
  transaction: Transaction,
  app: string,
  image: Image,
  manifest: SourceManifest,
  environment: BuildEnvironment,
  job: Job,
): Promise<StagedFile> {
  const { checkoutDirectory } = transaction;
  const file = transaction.path(`${app}-${baseVolume}`);
  const written = await withImageBesidePresentBase(
    image,
    checkoutDirectory,
    app,
    environment,
    job,
    (tree, present) => {
      const format = formatOf(manifest, present?.reader.format ?? defaultFormat);
      return writeBase(file, tree, format, present, environment, job);
    },
  );
  const kind = { kind: 'base', baseSize: undefined } as const;
  return stage(transaction, `${app}/${baseVolume}`, file, written, kind, job);
}

/** Builds an app's `root.ovl.squashfs` for a base, its own or that of the app it extends. */
export async function stageOverlay(
  transaction: Transaction,
  app: string,
  baseFile: string,
  image: Image,
  manifest: SourceManifest,
  environment: BuildEnvironment,
  job: Job,
): Promise<StagedOverlay> {
  return withImageBesideBase(image, baseFile, environment, job, (tree, base) =>
    stageOverlayOf(transaction, app, base, tree, manifest, environment, job),
  );
}

/** The same of what has been read and opened already. */
export async function stageOverlayOf<C extends Hashed>(
  transaction: Transaction,
  app: string,
  base: Base,
  image: ImageTree<C>,
  manifest: SourceManifest,
  environment: BuildEnvironment,
  job: Job,
): Promise<StagedOverlay> {
  const overlay = await compareWithBase(base, image, environment, job);
  const file = transaction.path(`${app}-${overlayVolume}`);
  const format = formatOf(manifest, base.reader.format);
  const written = await writeOverlay(file, base, image, overlay, format, environment, job);
  const kind = { kind: 'overlay', baseSize: base.reader.size } as const;
  const staged = await stage(transaction, `${app}/${overlayVolume}`, file, written, kind, job);
  const changes = overlayChanges(base.root, overlay, (baseFile, overlayFile) =>
    hasSameBytes(base, baseFile, overlayFile),
  );
  return { ...staged, changes };
}

/** What has the same bytes as before stays where it is: not even its time changes. */
async function stage(
  transaction: Transaction,
  target: string,
  file: string,
  { size, sha256 }: WrittenFile,
  kind: Pick<BuiltFile, 'kind' | 'baseSize'>,
  job: Job,
): Promise<StagedFile> {
  const present = path.join(transaction.checkoutDirectory, target);
  const previousSize = await sizeOf(target, present);
  const hashedAt = Date.now();
  const isSame = previousSize === size && (await hashOf(target, present, job)) === sha256;
  if (isSame) transaction.confirm(target, { sha256, hashedAt });
  else transaction.replace(target, file, sha256);
  return { path: target, ...kind, size, sha256, previousSize, isSame, file };
}

/** Undefined where nothing is. @throws Problem when something else than a file is there, which nobody asked to replace. */
async function sizeOf(target: string, present: string): Promise<number | undefined> {
  const stats = await stat(present).catch(() => undefined);
  if (stats === undefined || stats.isFile()) return stats?.size;
  throw new Problem({
    doing: `writing ${target}`,
    found: 'what lies there is not a file',
    remedy: 'Move it out of the way',
  });
}

async function hashOf(target: string, present: string, job: Job): Promise<string> {
  try {
    return await sha256OfFile(present, job.signal);
  } catch (error) {
    job.signal.throwIfAborted();
    throw fileProblem(`reading ${target}`, present, error);
  }
}
