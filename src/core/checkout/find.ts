import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { concurrently } from './concurrently';

/** A folder with this file is a checkout (pvr libpvr/repolib.go:154-163). */
const stateFile = path.join('.pvr', 'json');

/** Never worth a look: other tools' data, and what belongs to a checkout itself. */
const skippedFolders = new Set(['.git', 'node_modules', '.pvr', '.pv']);

/** Deep enough for any layout made by hand; it bounds the walk through trees that a program made. */
const maxDepth = 12;

/**
 * All checkouts in a folder and below, sorted by path; nested ones too. Symbolic links are not followed, folders that
 * can't be read are passed over.
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

/** The checkout that a folder is, or lies in; undefined when there is none. Commands run in it. */
export async function findCheckoutFrom(folder: string): Promise<string | undefined> {
  const start = path.resolve(folder);
  if (await isCheckout(start)) return start;
  const parent = path.dirname(start);
  return parent === start ? undefined : findCheckoutFrom(parent);
}

export async function isCheckout(folder: string): Promise<boolean> {
  try {
    return (await stat(path.join(folder, stateFile))).isFile();
  } catch {
    return false;
  }
}

/** @param names of what lies in a folder at a checkout's top. */
export function holdsApp(names: ReadonlySet<string>): boolean {
  return names.has('src.json') || names.has('run.json');
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
  const isItself = names.has('.pvr') && (await isCheckout(folder));
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
