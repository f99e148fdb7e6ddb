import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ChangingCheckout } from '../../checkout/change/changing-checkout';
import {
  readSourceManifest,
  requireSound,
  sourceKind,
  type SourceManifest,
  withFields,
} from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import type { OpenedCheckout } from '../../checkout/opened-checkout';
import type { Source } from '../../image/image';
import { pathExists } from '../../files/file-problem';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import type { Workshop } from '../environment';
import { type Base, openBase } from './base-contents';
import { findImage, requestForDigest } from './image-request';
import { readImageTree } from './image-tree';
import { recordedBeside } from './is-made-from';
import { materialForUpdate } from './material';
import { leftOutOf } from './squashfs-format';
import { stackedTree } from './stacked-tree';
import { stageManifest } from './stage-manifest';
import { type StagedFile, stageOverlayOf } from './stage-squashfs';

export interface Dependant {
  readonly app: string;
  readonly manifest: SourceManifest;
}

/** The apps that extend the base of `app`, by name. @throws Problem when the src.json of one of them is broken. */
export async function findDependants(checkout: OpenedCheckout, app: string): Promise<readonly Dependant[]> {
  const dependants: Dependant[] = [];
  for (const entry of await readdir(checkout.directory, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const file = `${entry.name}/src.json`;
    const text = await checkout.text(file);
    // Whoever may extend this base has to say so; a broken src.json elsewhere is none of this build's business.
    if (text?.includes('"base"') !== true) continue;
    const manifest = readSourceManifest(text, file);
    if (manifest.fields.base !== app) continue;
    requireSound(manifest, file);
    dependants.push({ app: entry.name, manifest });
  }
  return dependants.sort((a, b) => (a.app < b.app ? -1 : 1));
}

/** A base that waits in the transaction to take the place of an app's present one. */
export interface NewBase {
  readonly app: string;
  readonly file: string;
  /** Of the image that it was made from. */
  readonly digest: string;
  /** Where that was looked for, and where the dependants' images may be as well. */
  readonly sources: readonly Source[];
}

/** Builds the overlays of all apps that extend a base anew for the new one; their images stay the ones they have. */
export async function stageDependants(
  change: ChangingCheckout,
  newBase: NewBase,
  workshop: Workshop,
): Promise<readonly StagedFile[]> {
  const dependants = await findDependants(change, newBase.app);
  if (dependants.length === 0) return [];
  await using base = await openBase(newBase.file, workshop);
  const staged: StagedFile[] = [];
  for (const dependant of dependants) {
    const overlay = await stageDependant(change, dependant, newBase, base, workshop);
    staged.push(overlay);
    const after = withFields(dependant.manifest, {
      docker_digest: newBase.digest,
      // Of an overlay of a root file system, it is that of the file.
      ...(sourceKind(dependant.manifest) === 'rootfs' && {
        docker_ovl_digest: `sha256:${overlay.sha256}`,
        rootfs_digest: `sha256:${overlay.sha256}`,
      }),
    });
    await stageManifest(change, dependant.app, { before: dependant.manifest, after }, workshop.job);
  }
  return staged;
}

async function stageDependant(
  change: ChangingCheckout,
  { app, manifest }: Dependant,
  newBase: NewBase,
  base: Base,
  workshop: Workshop,
): Promise<StagedFile> {
  const isOfImage = sourceKind(manifest) === 'docker';
  try {
    // What else it was made from may be another one by now.
    if (!isOfImage && (await fitsPresentBase(change.before, newBase.app, manifest, workshop)))
      return await restack(change, { app, manifest }, newBase, base, workshop);
    if (!isOfImage) {
      await using material = await materialForUpdate(change, app, manifest, {}, workshop);
      const tree = await material.source.read(leftOutOf(manifest), workshop);
      return await stageOverlayOf(change, app, base, tree, manifest, workshop);
    }
    const digest = requireOverlayDigest(app, manifest);
    const request = await requestForDigest(change, app, manifest, digest, { first: newBase.sources });
    await using image = await findImage(request, workshop);
    const tree = await readImageTree(image, leftOutOf(manifest), workshop);
    return await stageOverlayOf(change, app, base, tree, manifest, workshop);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (!isOfImage || !(await fitsPresentBase(change.before, newBase.app, manifest, workshop))) throw problem;
    workshop.job.warn(`${problem.message} Using the files that ${app} has now instead`);
    return await restack(change, { app, manifest }, newBase, base, workshop);
  }
}

/** Makes of what an app shows now an overlay over the new base. */
async function restack(
  change: ChangingCheckout,
  { app, manifest }: Dependant,
  newBase: NewBase,
  base: Base,
  workshop: Workshop,
): Promise<StagedFile> {
  await using presentBase = await openBase(path.join(change.directory, newBase.app, baseVolume), workshop);
  await using overlay = await openBase(path.join(change.directory, app, overlayVolume), workshop);
  const tree = await stackedTree(presentBase, overlay, workshop);
  return await stageOverlayOf(change, app, base, tree, manifest, workshop);
}

function requireOverlayDigest(app: string, { fields }: SourceManifest): string {
  if (fields.docker_ovl_digest) return fields.docker_ovl_digest;
  throw new Problem({
    doing: `looking for the image of ${app}`,
    found: 'src.json names none ("docker_ovl_digest" is missing)',
    remedy: remedy`Build ${app} with ${way.update(app)}`,
  });
}

/** Whether the overlay was made for the base that lies there: only then do both together show the app. */
async function fitsPresentBase(
  before: OpenedCheckout,
  baseApp: string,
  { fields }: SourceManifest,
  workshop: Workshop,
): Promise<boolean> {
  const beside = await recordedBeside(before, `${baseApp}/${baseVolume}`);
  if (beside.length > 0) return fields.docker_digest !== undefined && beside.includes(fields.docker_digest);
  const file = path.join(before.directory, baseApp, baseVolume);
  if (!fields.docker_digest || !(await pathExists(file))) return false;
  return fields.docker_digest === `sha256:${await workshop.pool.hashFile(file, workshop.job.signal)}`;
}
