import path from 'node:path';
import { readWithWaiting } from '../checkout/checkout';
import { readConfig } from '../checkout/config';
import { extendedApp, sourceManifestOf } from '../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../checkout/manifests/volume-name';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { isObjectId } from '../checkout/state';
import { pathExists } from '../files/file-problem';
import type { Job } from '../job';
import { compareKeys } from '../json/key-order';
import { isJsonObject, type JsonValue } from '../json/value';
import { compareMounts } from '../mount/compare-mounts';
import type { MountFiles, Mounts } from '../mount/mounts';
import { Problem } from '../problem';
import { type ChangeTotals, changeTotals } from '../rootfs/change-totals';
import type { OverlayChange } from '../rootfs/overlay-changes';
import type { CodecPool } from '../squashfs/codec-pool';
import { hashLargeFiles } from './hash-large-files';

/** A file system of the last commit that the next one has otherwise; plain data, and what a comparison of two mounts takes. */
export interface ChangedFileSystem {
  /** The app whose root it is, or the path of a SquashFS file that is mounted elsewhere: `bsp/modules.squashfs`. */
  readonly name: string;
  /** The SquashFS files of it that are others, new or gone; paths below the checkout. */
  readonly files: readonly string[];
  /** As it was committed: a base and the overlay on it, of files in the object store where the checkout has them no more. */
  readonly before: MountFiles;
  /** As it lies in the checkout. */
  readonly after: MountFiles;
}

/** What changed in one of them, or why nobody can tell. */
export type FileSystemDiff = Pick<ChangedFileSystem, 'name' | 'files'> &
  (
    | {
        readonly outcome: 'compared';
        readonly totals: ChangeTotals;
        readonly changes: readonly OverlayChange[];
      }
    | { readonly outcome: 'unknown'; readonly problem: Pick<Problem, 'found' | 'remedy'> }
  );

/**
 * The file systems that a commit would change, by name. Those that come or go as a whole are not here: there is nothing to compare them
 * with. Large files that nobody has compared are taken for unchanged.
 *
 * @throws Problem when the checkout can't be read; the signal's reason.
 */
export async function changedFileSystems(
  opened: OpenedCheckout,
  job: Job,
): Promise<readonly ChangedFileSystem[]> {
  const { checkout, waiting } = await readWithWaiting(opened, job.signal);
  const [{ entries }, { objectsDirectory }] = await Promise.all([opened.state(), readConfig(opened)]);
  const changed = new Set(waiting.files);
  const inCheckout = (file: string) => path.join(opened.directory, file);
  const committed = (file: string): string | undefined => {
    const id = entries.get(file);
    if (id === undefined || !isObjectId(id)) return undefined;
    // What is the same on both sides is one file, of which nothing has to be read.
    return changed.has(file) ? path.join(objectsDirectory, id) : inCheckout(file);
  };
  const present = (file: string): string | undefined =>
    (changed.has(file) ? waiting.objects.has(file) : entries.has(file)) ? inCheckout(file) : undefined;

  const files = [...new Set([...entries.keys(), ...changed])].filter((file) => file.endsWith('.squashfs'));
  const apps = new Set(files.map(appOf).filter((app) => app !== undefined));
  const roots = [...apps].map((app) => ({
    name: app,
    was: rootLayers(app, committedBase(entries.get(`${app}/src.json`))),
    is: rootLayers(app, checkout.apps.find(({ name }) => name === app)?.baseApp),
  }));
  const others = files.filter((file) => appOf(file) === undefined);
  return [...roots, ...others.map((file) => ({ name: file, was: [file], is: [file] }))]
    .sort((a, b) => compareKeys(a.name, b.name))
    .flatMap(({ name, was, is }) => {
      const before = was.map(committed);
      const after = is.map(present);
      const different = [...new Set([...was, ...is])].filter((file) => changed.has(file));
      const isInBoth = before[0] !== undefined && after[0] !== undefined;
      return isInBoth && different.length > 0
        ? [{ name, files: different, before: before.filter(isThere), after: after.filter(isThere) }]
        : [];
    });
}

/**
 * Tells what a commit would change inside of file systems: all paths, with totals.
 *
 * @throws Problem when the checkout can't be read; the signal's reason. What can't be looked into is told in its place.
 */
export async function diffFileSystems(
  opened: OpenedCheckout,
  { mounts, pool }: { readonly mounts: Mounts; readonly pool: CodecPool },
  job: Job,
): Promise<readonly FileSystemDiff[]> {
  const diffs: FileSystemDiff[] = [];
  await hashLargeFiles(opened, {}, pool, job);
  for (const { name, files, before, after } of await changedFileSystems(opened, job)) {
    try {
      await requireThere(name, before);
      const changes = await mounts.use(before, (was) =>
        mounts.use(after, (is) => compareMounts(was, is, pool, job)),
      );
      diffs.push({ name, files, outcome: 'compared', totals: changeTotals(changes), changes });
    } catch (error) {
      job.signal.throwIfAborted();
      if (!(error instanceof Problem)) throw error;
      const { found, remedy } = error;
      diffs.push({ name, files, outcome: 'unknown', problem: { found, remedy } });
    }
  }
  return diffs;
}

/** The app whose root a file is a part of. */
export function appOf(file: string): string | undefined {
  const [app, volume, ...deeper] = file.split('/');
  return deeper.length === 0 && (volume === baseVolume || volume === overlayVolume) ? app : undefined;
}

/** As a device stacks them, the lowest first. @param base the app that it extends. */
export function rootLayers(app: string, base: string | undefined): readonly string[] {
  return [`${base ?? app}/${baseVolume}`, `${app}/${overlayVolume}`];
}

/** @param source the src.json of an app, as it was committed. */
export function committedBase(source: JsonValue | undefined): string | undefined {
  return isJsonObject(source) ? extendedApp(sourceManifestOf(source)) : undefined;
}

function isThere(file: string | undefined): file is string {
  return file !== undefined;
}

/** @throws Problem when an object is missing: that its path is a file's says nothing to people. */
async function requireThere(name: string, files: MountFiles): Promise<void> {
  for (const file of files) {
    if (await pathExists(file)) continue;
    throw new Problem({
      doing: `comparing ${name} with the last commit`,
      found: `what was committed is not on this machine: ${file} does not exist`,
      remedy: 'Get it again from where it came from: a device, an export or another checkout',
    });
  }
}
