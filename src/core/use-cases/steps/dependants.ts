import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Transaction } from '../../checkout/change/transaction';
import {
  readSourceManifest,
  requireSound,
  withFields,
  type SourceManifest,
} from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import { readTextFile } from '../../files/text-file';
import type { Source } from '../../image/image';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import type { BuildEnvironment } from '../environment';
import type { Base } from './base-contents';
import { requestForDigest } from './image-request';
import { readImageTree } from './image-tree';
import { withBase, withImage } from './opened';
import { stackedTree } from './stacked-tree';
import { stageManifest } from './stage-manifest';
import { stageOverlayOf, type StagedFile } from './stage-squashfs';

export interface Dependant {
  readonly app: string;
  readonly manifest: SourceManifest;
}

/** The apps that extend the base of `app`, by name. @throws Problem when the src.json of one of them is broken. */
export async function findDependants(checkoutDirectory: string, app: string): Promise<readonly Dependant[]> {
  const dependants: Dependant[] = [];
  for (const entry of await readdir(checkoutDirectory, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const file = `${entry.name}/src.json`;
    const text = await readTextFile(checkoutDirectory, file);
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
  transaction: Transaction,
  newBase: NewBase,
  environment: BuildEnvironment,
  job: Job,
): Promise<readonly StagedFile[]> {
  const dependants = await findDependants(transaction.checkoutDirectory, newBase.app);
  if (dependants.length === 0) return [];
  return withBase(newBase.file, environment, job, async (base) => {
    const staged: StagedFile[] = [];
    for (const dependant of dependants) {
      staged.push(await stageDependant(transaction, dependant, newBase, base, environment, job));
      const after = withFields(dependant.manifest, { docker_digest: newBase.digest });
      await stageManifest(transaction, dependant.app, { before: dependant.manifest, after }, job);
    }
    return staged;
  });
}

async function stageDependant(
  transaction: Transaction,
  { app, manifest }: Dependant,
  newBase: NewBase,
  base: Base,
  environment: BuildEnvironment,
  job: Job,
): Promise<StagedFile> {
  const { checkoutDirectory } = transaction;
  try {
    const digest = requireOverlayDigest(app, manifest);
    const request = await requestForDigest(checkoutDirectory, app, manifest, digest, {
      first: newBase.sources,
    });
    return await withImage(environment, request, job, async (image) => {
      const tree = await readImageTree(image, environment.cache, job);
      return stageOverlayOf(transaction, app, base, tree, manifest, environment, job);
    });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (!(await fitsPresentBase(checkoutDirectory, newBase.app, manifest))) throw problem;
    job.warn(`${problem.message} Using the files that ${app} has now instead`);
    const fileOf = (owner: string, volume: string) => path.join(checkoutDirectory, owner, volume);
    return withBase(fileOf(newBase.app, baseVolume), environment, job, (presentBase) =>
      withBase(fileOf(app, overlayVolume), environment, job, async (overlay) => {
        const tree = await stackedTree(presentBase, overlay, environment, job);
        return stageOverlayOf(transaction, app, base, tree, manifest, environment, job);
      }),
    );
  }
}

function requireOverlayDigest(app: string, { fields }: SourceManifest): string {
  if (fields.docker_ovl_digest) return fields.docker_ovl_digest;
  throw new Problem({
    doing: `looking for the image of ${app}`,
    found: 'src.json names none ("docker_ovl_digest" is missing)',
    remedy: `Build ${app} with pvx app update ${app}`,
  });
}

/** Whether the overlay was made for the base that lies there: only then do both together show the app. */
async function fitsPresentBase(
  checkoutDirectory: string,
  baseApp: string,
  { fields }: SourceManifest,
): Promise<boolean> {
  const digest = await readTextFile(checkoutDirectory, `${baseApp}/${baseVolume}.docker-digest`);
  return digest !== undefined && digest === fields.docker_digest;
}
