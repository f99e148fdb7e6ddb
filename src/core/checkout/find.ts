import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { concurrently } from '../files/concurrently';
import { describeFileKind, fileProblem, isMissing, pathExists } from '../files/file-problem';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';

/** What makes a folder a checkout, whatever state it is in. */
const pvrFolder = '.pvr';

/** Never worth a look: other tools' data, and what belongs to a checkout itself. */
const skippedFolders = new Set(['.git', 'node_modules', pvrFolder, '.pv']);

/** Deep enough for any layout made by hand; it bounds the walk through trees that a program made. */
const maxDepth = 12;

/**
 * All checkouts in a folder and below, sorted by path; nested ones too, and broken ones. Symbolic links are not followed,
 * folders that can't be read are passed over.
 */
export async function findCheckouts(folder: string, signal?: AbortSignal): Promise<readonly string[]> {
  const found: string[] = [];
  let level: readonly Folder[] = [{ path: path.resolve(folder), within: 'anything' }];
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
    const visits = await concurrently(level, visit, signal);
    for (const { checkout } of visits) if (checkout !== undefined) found.push(checkout);
    level = visits.flatMap(({ subfolders }) => subfolders);
  }
  return found.sort();
}

/**
 * The checkout that a folder is, or lies in; undefined when there is none. Commands run in it.
 *
 * It is the first folder on the way up that has a `.pvr` of any kind: whoever works in a checkout that is broken, or that
 * they may not read, doesn't mean the one around it. See {@link requireCheckout}.
 *
 * @throws Problem when a folder on the way doesn't tell whether it has one.
 */
export async function findCheckoutFrom(folder: string): Promise<string | undefined> {
  const start = path.resolve(folder);
  if (await hasPvrFolder(start)) return start;
  const parent = path.dirname(start);
  return parent === start ? undefined : findCheckoutFrom(parent);
}

/**
 * Makes sure that a folder is a checkout whose state is there to be read, or to be brought back.
 *
 * @throws Problem that says what it is instead, or what is wrong with it.
 */
export async function requireCheckout(folder: string): Promise<void> {
  const doing = 'opening the checkout';
  const place = path.join(folder, pvrFolder);
  await requireKind(doing, place, 'a folder', {
    missing: {
      found: `${folder} is not a checkout: it has no .pvr`,
      remedy: remedy`Change to your checkout, clone one with pvr clone, or make this one with ${way.init()}`,
    },
    other: 'Move it away if nothing needs it: pvr keeps a folder of that name',
  });
  const putBack =
    'Put the file back from a copy, or move the .pvr folder away and clone the device into a new folder with pvr clone';
  const state = path.join(place, 'json');
  // Where there are no links, a process that was killed may have the state in there; the next one that writes brings it back.
  const isMovedAway = async () => !(await pathExists(state)) && (await pathExists(path.join(place, 'tmp')));
  if (await isMovedAway().catch(() => false)) return;
  await requireKind(doing, state, 'a file', {
    missing: { found: `${place} has no state in it, the file json`, remedy: putBack },
    other: putBack,
  });
}

/** @param names of what lies in a folder at a checkout's top. */
export function holdsApp(names: ReadonlySet<string>): boolean {
  return names.has('src.json') || names.has('run.json');
}

async function requireKind(
  doing: string,
  place: string,
  kind: 'a file' | 'a folder',
  remedies: { readonly missing: Pick<Problem, 'found' | 'remedy'>; readonly other: string },
): Promise<void> {
  let is: string;
  try {
    is = describeFileKind(await stat(place));
  } catch (error) {
    if (!isMissing(error)) throw fileProblem(doing, place, error);
    if (!(await pathExists(place))) throw new Problem({ doing, ...remedies.missing, cause: error });
    is = 'a symbolic link that leads nowhere';
  }
  if (is !== kind)
    throw new Problem({ doing, found: `${place} is ${is} instead of ${kind}`, remedy: remedies.other });
}

async function hasPvrFolder(folder: string): Promise<boolean> {
  const place = path.join(folder, pvrFolder);
  try {
    return (await pathExists(place)) && !(await isPvrFolderOfUser(place));
  } catch (error) {
    throw fileProblem('looking for the checkout', place, error);
  }
}

/** What pvr writes to the `.pvr` of a checkout, and what to the one in a user's home, which all checkouts share. */
const namesInCheckout = ['json', 'config', 'new', 'commitmsg', 'lock', 'tmp'];
const namesOfUser = ['config.json', 'auth.json', 'objects', 'cache', 'pvs'];

/** Whether a `.pvr` makes its folder no checkout. One that can't be listed does make it one: then something is said. */
export async function isPvrFolderOfUser(place: string): Promise<boolean> {
  const names = new Set((await list(place)).map(({ name }) => name));
  return namesOfUser.some((name) => names.has(name)) && !namesInCheckout.some((name) => names.has(name));
}

interface Folder {
  readonly path: string;
  /** `checkout`: the folder is a first-level one of a checkout, so it may be an app. */
  readonly within: 'checkout' | 'anything';
}

interface Visit {
  readonly checkout: string | undefined;
  readonly subfolders: readonly Folder[];
}

async function visit({ path: folder, within }: Folder): Promise<Visit> {
  const entries = await list(folder);
  const names = new Set(entries.map(({ name }) => name));
  if (within === 'checkout' && holdsApp(names)) {
    return { checkout: undefined, subfolders: [] };
  }
  const isItself = names.has(pvrFolder) && !(await isPvrFolderOfUser(path.join(folder, pvrFolder)));
  const subfolders = entries
    .filter((entry) => entry.isDirectory() && !skippedFolders.has(entry.name))
    // _config, _sigs and _hostconfig are part of the state, and can be large.
    .filter(({ name }) => !(isItself && name.startsWith('_')))
    .map(({ name }): Folder => ({
      path: path.join(folder, name),
      within: isItself ? 'checkout' : 'anything',
    }));
  return { checkout: isItself ? folder : undefined, subfolders };
}

async function list(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
