import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ChangingCheckout } from '../../checkout/change/changing-checkout';
import type { SourceManifest } from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import { fileProblem } from '../../files/file-problem';
import { sha256OfFile } from '../../files/hash-file';
import type { Job } from '../../job';
import type { ObjectStore } from '../../objects/object-store';
import { Problem } from '../../problem';
import { type OverlayChange, overlayChanges } from '../../rootfs/overlay-changes';
import type { Hashed } from '../../rootfs/tree';
import { defaultFormat, type SquashfsFormat } from '../../squashfs/compression';
import type { Workshop } from '../environment';
import type { BuiltFile } from '../report';
import type { AppTree, TreeSource } from './app-tree';
import { type Base, hasSameBytes } from './base-contents';
import type { WrittenFile } from './check-written';
import { warnOfCapabilities, warnOfHiddenFiles } from './device-warnings';
import {
  formatOf,
  leftOutOf,
  warningOfCompressor,
  warningOfFilters,
  warningOfNewFilter,
} from './squashfs-format';
import { readBesideBase, readBesidePresentBase } from './tree-beside-base';
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
  timeOnly,
}: StagedFile): BuiltFile {
  return { path, kind, size, sha256, previousSize, isSame, baseSize, timeOnly };
}

/**
 * Builds an app's `root.squashfs`, with the help of the one that lies there.
 *
 * @param manifest names an overlay where one lies over it: a device shows that one's tree then, not this base's.
 */
export async function stageBase(
  change: ChangingCheckout,
  app: string,
  source: TreeSource,
  manifest: SourceManifest,
  workshop: Workshop,
): Promise<StagedFile> {
  const file = change.transaction.path(`${app}-${baseVolume}`);
  const wanted = { source, leftOut: leftOutOf(manifest) };
  const { tree, base } = await readBesidePresentBase(wanted, change, app, workshop);
  await using present = base;
  if (!manifest.fields.docker_ovl_digest) warnOfHiddenFiles(app, manifest, tree.root, workshop.job);
  warnOfCapabilities(`${app}/${baseVolume}`, tree.root, workshop.job);
  const format = formatOf(manifest, present?.reader.format ?? defaultFormat);
  warnOfFormat(`${app}/${baseVolume}`, present, format, workshop);
  const warning = present && warningOfFilters(present.reader.unwritableFilters, format);
  if (warning !== undefined) workshop.job.warn(warning);
  const written = await writeBase(file, tree, format, present, workshop);
  const kind = { kind: 'base', baseSize: undefined, timeOnly: undefined } as const;
  return await stage(change, `${app}/${baseVolume}`, file, written, kind, workshop);
}

/** Builds an app's `root.ovl.squashfs` for a base, its own or that of the app it extends. */
export async function stageOverlay(
  change: ChangingCheckout,
  app: string,
  baseFile: string,
  source: TreeSource,
  manifest: SourceManifest,
  workshop: Workshop,
): Promise<StagedOverlay> {
  const beside = await readBesideBase({ source, leftOut: leftOutOf(manifest) }, baseFile, workshop);
  await using base = beside.base;
  warnOfHiddenFiles(app, manifest, beside.tree.root, workshop.job);
  return await stageOverlayOf(change, app, base, beside.tree, manifest, workshop);
}

/** The same of what has been read and opened already. */
export async function stageOverlayOf<C extends Hashed>(
  change: ChangingCheckout,
  app: string,
  base: Base,
  image: AppTree<C>,
  manifest: SourceManifest,
  workshop: Workshop,
): Promise<StagedOverlay> {
  const overlay = await compareWithBase(base, image, workshop);
  warnOfCapabilities(`${app}/${overlayVolume}`, overlay.root, workshop.job);
  const file = change.transaction.path(`${app}-${overlayVolume}`);
  const format = formatOf(manifest, base.reader.format);
  warnOfFormat(`${app}/${overlayVolume}`, base, format, workshop);
  const written = await writeOverlay(file, base, image, overlay, format, workshop);
  const kind = { kind: 'overlay', baseSize: base.reader.size, timeOnly: overlay.timeOnly } as const;
  const staged = await stage(change, `${app}/${overlayVolume}`, file, written, kind, workshop);
  const changes = overlayChanges(base.root, overlay.root, (baseFile, overlayFile) =>
    hasSameBytes(base, baseFile, overlayFile),
  );
  return { ...staged, changes };
}

/** A SquashFS file that another checkout has, as it is there: with the same bytes no device downloads it again. */
export async function stageCopy(
  change: ChangingCheckout,
  app: string,
  kind: BuiltFile['kind'],
  { id, store, baseSize }: { readonly id: string; readonly store: ObjectStore; readonly baseSize?: number },
  { job }: Workshop,
): Promise<StagedFile> {
  const volume = kind === 'base' ? baseVolume : overlayVolume;
  const target = `${app}/${volume}`;
  const present = path.join(change.directory, target);
  const [size = 0, previousSize] = [await store.sizeOf(id), await sizeOf(target, present)];
  const facts = { path: target, kind, size, sha256: id, previousSize, baseSize, timeOnly: undefined };
  const hashedAt = Date.now();
  if (previousSize === size && (await hashOf(target, present, job)) === id) {
    change.transaction.confirm(target, { sha256: id, hashedAt });
    return { ...facts, isSame: true, file: present };
  }
  const file = change.transaction.path(`${app}-${volume}`);
  await store.takeOut(id, file, { signal: job.signal });
  change.transaction.replace(target, file, id);
  return { ...facts, isSame: false, file };
}

/** Of what a device that reads `present` may not read. */
function warnOfFormat(
  file: string,
  present: Base | undefined,
  format: SquashfsFormat,
  { job }: Workshop,
): void {
  const warnings = [
    present && warningOfCompressor(file, present.reader.superblock.compressor, format),
    warningOfNewFilter(file, present?.reader.format, format),
  ];
  for (const warning of warnings) if (warning !== undefined) job.warn(warning);
}

/** What has the same bytes as before stays where it is: not even its time changes. */
async function stage(
  change: ChangingCheckout,
  target: string,
  file: string,
  { size, sha256 }: WrittenFile,
  kind: Pick<BuiltFile, 'kind' | 'baseSize' | 'timeOnly'>,
  { job }: Workshop,
): Promise<StagedFile> {
  const present = path.join(change.directory, target);
  const previousSize = await sizeOf(target, present);
  const hashedAt = Date.now();
  const isSame = previousSize === size && (await hashOf(target, present, job)) === sha256;
  if (isSame) change.transaction.confirm(target, { sha256, hashedAt });
  else change.transaction.replace(target, file, sha256);
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
