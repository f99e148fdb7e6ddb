import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isPlainName } from '../../checkout/app-name';
import { requireCheckout } from '../../checkout/find';
import {
  extendedApp,
  readSourceManifest,
  requireSound,
  sourceKind,
  type SourceManifest,
} from '../../checkout/manifests/source-manifest';
import { baseVolume } from '../../checkout/manifests/volume-name';
import type { OpenedCheckout } from '../../checkout/opened-checkout';
import { fileProblem, isMissing, pathExists } from '../../files/file-problem';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';

/** The part of a src.json that names the app whose base this one is an overlay over; none where it has its own. */
export interface Extension {
  readonly base?: string | undefined;
}

/** The src.json of an app, whatever it is made from. @throws Problem when there is no such app, or it has none. */
export async function readAppManifest(checkout: OpenedCheckout, app: string): Promise<SourceManifest> {
  const file = `${app}/src.json`;
  const manifest = await readAnyManifest(checkout, app);
  if (manifest === undefined) {
    throw new Problem({
      doing: `reading ${file}`,
      found: `${app} has no src.json, so nothing says what it is made from`,
      remedy:
        'Update it with the tool that made it, or restore src.json from the last commit with pvr checkout',
    });
  }
  requireSound(manifest, file);
  return manifest;
}

/** The src.json of an app made from a docker image. @throws Problem when there is no such app, or it is none. */
export async function readDockerManifest(checkout: OpenedCheckout, app: string): Promise<SourceManifest> {
  const manifest = await readAppManifest(checkout, app);
  if (sourceKind(manifest) === 'docker') {
    requireImageName(app, manifest);
    return manifest;
  }
  throw new Problem({
    doing: `reading ${app}/src.json`,
    found: `${app} is made from ${describeSourceKind(manifest)}, not from an image`,
    remedy: remedy`Update it with ${way.update(app)}`,
  });
}

/** @throws Problem when the src.json of an app that is made from an image names none. */
export function requireImageName(app: string, manifest: SourceManifest): void {
  if (sourceKind(manifest) !== 'docker' || manifest.fields.docker_name) return;
  throw new Problem({
    doing: `reading ${app}/src.json`,
    found: `${app} names no docker image`,
    remedy: `Name it as "docker_name" in ${app}/src.json, or restore that from the last commit`,
  });
}

function describeSourceKind(manifest: SourceManifest): string {
  const { pvr = '', rootfs_url: url = '' } = manifest.fields;
  return sourceKind(manifest) === 'rootfs' ? `the root file system ${url}` : `another checkout, ${pvr}`;
}

/**
 * An app stays on the base that its src.json names; pvr takes the name of another one as well, and builds on this one all the same.
 *
 * @param wanted undefined: whichever it is.
 * @throws Problem when it is another one.
 */
export function requireSameBase(
  doing: string,
  app: string,
  manifest: SourceManifest,
  wanted: string | undefined,
): void {
  const named = extendedApp(manifest) ?? app;
  if (wanted === undefined || wanted === named) return;
  throw new Problem({
    doing,
    found:
      named === app
        ? `${app} has a base of its own, and extends no app`
        : `${app} extends ${named}, not ${wanted}`,
    remedy: remedy`Name ${named}, or remove ${app} and make it anew as one that extends ${wanted}`,
  });
}

/** What an app's root file system is made of, as its src.json says it. */
export interface Stacking extends Extension {
  readonly hasOverlay: boolean;
}

/**
 * The stacking of an app, whatever it is made from; one without a src.json has a base of its own.
 *
 * @throws Problem when there is no such app.
 */
export async function readStacking(checkout: OpenedCheckout, app: string): Promise<Stacking> {
  const manifest = await readAnyManifest(checkout, app);
  if (manifest === undefined) return { base: undefined, hasOverlay: false };
  return { base: extendedApp(manifest), hasOverlay: Boolean(manifest.fields.docker_ovl_digest) };
}

/** The src.json of an app, undefined where it has none. @throws Problem when there is no such app. */
export async function readAnyManifest(
  checkout: OpenedCheckout,
  app: string,
): Promise<SourceManifest | undefined> {
  const file = `${app}/src.json`;
  // A name is no path: what it leads to could lie anywhere.
  if (!(await hasEntry(checkout, app))) {
    // Perhaps because there is no checkout to have it.
    await requireCheckout(checkout.directory);
    throw new Problem({
      doing: `reading ${file}`,
      found: `there is no app ${app || '""'}`,
      remedy: remedy`Check the name against ${way.listApps()}`,
    });
  }
  const text = await checkout.text(file);
  return text === undefined ? undefined : readSourceManifest(text, file);
}

/** Whether something has this very name: some systems would find `web` as `Web`, too, and pvr and the device would not. */
async function hasEntry({ directory }: OpenedCheckout, name: string): Promise<boolean> {
  if (!isPlainName(name)) return false;
  try {
    return (await readdir(directory)).includes(name);
  } catch (error) {
    if (isMissing(error)) return false;
    throw fileProblem(`looking for ${name}`, directory, error);
  }
}

/** @throws Problem when the app that `app` extends, if it extends one, is not there, or is `app` itself. */
export async function requireExtended(
  checkout: OpenedCheckout,
  app: string,
  { base }: Extension,
): Promise<void> {
  if (!base) return;
  if (base === app) {
    throw new Problem({
      doing: `looking for the base of ${app}`,
      found: `${app} extends itself`,
      remedy: `Correct "base" in ${app}/src.json: name the app whose base it extends, or leave "base" out`,
    });
  }
  if (await hasEntry(checkout, base)) return;
  throw new Problem({
    doing: `looking for the base of ${app}`,
    found: `${app} extends ${base}, which does not exist`,
    remedy: `Add ${base} again, or remove ${app}`,
  });
}

/** The path of the `root.squashfs` that an app has or extends. @throws Problem when there is none. */
export async function requireBaseOf(
  checkout: OpenedCheckout,
  app: string,
  { base }: Extension,
): Promise<string> {
  if (!base) return requireBaseFile(checkout, app);
  await requireExtended(checkout, app, { base });
  return requireBaseFile(checkout, base);
}

/** The path of an app's `root.squashfs`. @throws Problem when it has none. */
export async function requireBaseFile({ directory }: OpenedCheckout, app: string): Promise<string> {
  const file = path.join(directory, app, baseVolume);
  if (await pathExists(file)) return file;
  throw new Problem({
    doing: `looking for the base of ${app}`,
    found: `${app}/${baseVolume} does not exist`,
    remedy: remedy`Build it with ${way.install(app)}`,
  });
}
