import { isObjectId } from '../checkout/state';
import { maxTextSize } from '../files/text-file';
import type { Job } from '../job';
import { compareKeys, withSortedKeys } from '../json/key-order';
import type { JsonObject, JsonValue } from '../json/value';
import type { MountFiles } from '../mount/mounts';
import { ObjectStore } from '../objects/object-store';
import type { Remote } from '../remote/remote';
import { isSameValue } from '../revision/working-revision';
import { objectText, written } from './committed-text';
import { appOf, committedBase, rootLayers } from './diff-file-systems';
import { membersAt } from './steps/remote-state';

/** What differs between two revisions of a device; plain data. Paths are those of a checkout. */
export interface RevisionDifferences {
  /** In both, with other content; by name. */
  readonly fileSystems: readonly RevisionFileSystem[];
  /** All other files, and file systems that come or go, by path. */
  readonly files: readonly RevisionFile[];
}

export interface RevisionFileSystem {
  /** The app whose root it is, or the path of a SquashFS file that is mounted elsewhere. */
  readonly name: string;
  /** As a device stacks them, the lowest first. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface RevisionFile {
  readonly path: string;
  readonly standing: 'added' | 'changed' | 'removed';
}

/** @throws Problem when one of them isn't there. */
export async function compareRevisions(
  remote: Remote,
  { before, after }: { readonly before: string; readonly after: string },
  job: Job,
): Promise<RevisionDifferences> {
  const [was, is] = await Promise.all([membersAt(remote, before, job), membersAt(remote, after, job)]);
  return differencesBetween(was, is);
}

/** The same of two states, wherever they are from. */
export function differencesBetween(was: JsonObject, is: JsonObject): RevisionDifferences {
  const different = [...new Set([...was.keys(), ...is.keys()])]
    .filter((key) => key.includes('/') && !isSame(was.get(key), is.get(key)))
    .sort(compareKeys);
  const fileSystems = fileSystemsIn(was, is, new Set(different));
  const told = new Set(fileSystems.flatMap((one) => [...one.before, ...one.after]));
  const files = different
    .filter((key) => !told.has(key))
    .map((key) => ({ path: key, standing: standingOf(was.get(key), is.get(key)) }));
  return { fileSystems, files };
}

/** The SquashFS files of a revision, brought to this machine. @throws Problem when it lacks one. */
export async function mountRevision(
  remote: Remote,
  { revision, files }: { readonly revision: string; readonly files: readonly string[] },
  objectsDirectory: string,
  job: Job,
): Promise<MountFiles> {
  const members = await membersAt(remote, revision, job);
  const ids = files.map((file) => members.get(file)).filter((id) => id !== undefined && isObjectId(id));
  const store = await broughtTo(objectsDirectory, remote, revision, new Set(ids), job);
  return ids.map((id) => store.pathOf(id));
}

/** A file of a revision as a text, documents with their keys sorted; null where it has none, or nothing that is a text. */
export async function readRevisionText(
  remote: Remote,
  { revision, file }: { readonly revision: string; readonly file: string },
  objectsDirectory: string,
  job: Job,
): Promise<string | null> {
  const value = (await membersAt(remote, revision, job)).get(file);
  if (value === undefined) return null;
  if (!isObjectId(value)) return written(withSortedKeys(value));
  const size = (await remote.objectSizes?.(revision, job))?.get(value) ?? 0;
  if (file.endsWith('.squashfs') || size > maxTextSize) return null;
  return objectText(await broughtTo(objectsDirectory, remote, revision, new Set([value]), job), value);
}

/**
 * What a revision brings that the one before lacks: bytes of its objects. Undefined where the remote doesn't say.
 *
 * @param before undefined: there is none.
 */
export async function revisionWeight(
  remote: Remote,
  name: string,
  before: string | undefined,
  job: Job,
): Promise<number | undefined> {
  const [own, others] = await Promise.all([
    remote.objectSizes?.(name, job),
    before === undefined ? undefined : remote.objectSizes?.(before, job),
  ]);
  if (own === undefined) return undefined;
  return [...own].reduce((sum, [id, size]) => (others?.has(id) ? sum : sum + size), 0);
}

async function broughtTo(
  objectsDirectory: string,
  remote: Remote,
  revision: string,
  ids: ReadonlySet<string>,
  job: Job,
): Promise<ObjectStore> {
  const store = new ObjectStore(objectsDirectory);
  await store.make();
  await remote.bring(revision, ids, store, job);
  return store;
}

function fileSystemsIn(
  was: JsonObject,
  is: JsonObject,
  different: ReadonlySet<string>,
): readonly RevisionFileSystem[] {
  const files = [...new Set([...was.keys(), ...is.keys()])].filter((file) => file.endsWith('.squashfs'));
  const apps = new Set(files.map(appOf).filter((app) => app !== undefined));
  const layersOf = (members: JsonObject, app: string) =>
    rootLayers(app, committedBase(members.get(`${app}/src.json`))).filter((file) => members.has(file));
  const roots = [...apps].map((app) => ({ name: app, before: layersOf(was, app), after: layersOf(is, app) }));
  const others = files
    .filter((file) => appOf(file) === undefined && was.has(file) && is.has(file))
    .map((file) => ({ name: file, before: [file], after: [file] }));
  return [...roots, ...others]
    .filter(({ before, after }) => before.length > 0 && after.length > 0)
    .filter(({ before, after }) => [...before, ...after].some((file) => different.has(file)))
    .sort((a, b) => compareKeys(a.name, b.name));
}

function isSame(was: JsonValue | undefined, is: JsonValue | undefined): boolean {
  return was !== undefined && is !== undefined && isSameValue(is, was);
}

function standingOf(was: JsonValue | undefined, is: JsonValue | undefined): RevisionFile['standing'] {
  if (was === undefined) return 'added';
  return is === undefined ? 'removed' : 'changed';
}
