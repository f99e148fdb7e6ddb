import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { concurrently } from '../files/concurrently';
import { fileProblem } from '../files/file-problem';
import { Problem } from '../problem';
import type { Contradiction } from './contradictions/contradictions';
import { kindOf } from './parts';
import { isTrackedPart, type TrackedFiles } from './tracked-files';
import { inOrder, readOr, type Unreadable } from './unreadable';

/** Something at a checkout's top. */
export interface TopEntry {
  readonly name: string;
  /** `stranger`: a folder that pvr knows nothing about; it can be large, and hold anything. */
  readonly kind: 'app' | 'folder' | 'file' | 'stranger';
}

export interface TopLevel {
  /** By name, without pvr's own folders, and without hidden ones that it doesn't track. */
  readonly entries: readonly TopEntry[];
  /** Names of what could not be looked at. */
  readonly unseen: ReadonlySet<string>;
  /** Why. */
  readonly contradictions: readonly Contradiction[];
}

/** @throws Problem when the checkout's folder can't be listed. */
export async function readTopLevel(
  checkoutDirectory: string,
  tracked: TrackedFiles,
  signal?: AbortSignal,
): Promise<TopLevel> {
  const contradictions: Unreadable[] = [];
  const entries = await concurrently(
    (await list(checkoutDirectory)).filter(({ name }) => isVisible(name, tracked)),
    async (dirent): Promise<readonly TopEntry[]> => {
      const { name } = dirent;
      const kind = await readOr(undefined, name, contradictions, () =>
        kindOfEntry(checkoutDirectory, dirent, tracked),
      );
      return kind === undefined ? [] : [{ name, kind }];
    },
    signal,
  );
  return {
    entries: entries.flat(),
    unseen: new Set(contradictions.map(({ file }) => file)),
    contradictions: inOrder(contradictions),
  };
}

async function list(folder: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw fileProblem('reading the checkout', folder, error);
  }
}

function isVisible(name: string, tracked: TrackedFiles): boolean {
  if (name === '.pvr' || name === '.pv') return false;
  return !name.startsWith('.') || isTrackedPart(name, tracked);
}

/** Any of these makes a folder an app: run.json for a device, src.json for pvr (libpvr/applib.go:521-534). */
const manifests = ['src.json', 'run.json'];

/** Undefined for sockets and the like. */
async function kindOfEntry(
  checkoutDirectory: string,
  entry: Dirent,
  tracked: TrackedFiles,
): Promise<TopEntry['kind'] | undefined> {
  const { name } = entry;
  const place = path.join(checkoutDirectory, name);
  try {
    if (entry.isSymbolicLink()) {
      const target = await stat(place);
      if (target.isDirectory()) throw linkedFolder(name);
      return target.isFile() ? 'file' : undefined;
    }
    if (!entry.isDirectory()) return entry.isFile() ? 'file' : undefined;
    if (kindOf(name) !== 'other') return 'folder';
    if (!/^[._]/.test(name) && (await looksLikeApp(place, name, tracked))) return 'app';
    return isTrackedPart(name, tracked) ? 'folder' : 'stranger';
  } catch (error) {
    throw fileProblem(`reading ${name}`, place, error);
  }
}

async function looksLikeApp(
  folder: string,
  name: string,
  { pathsByPart, newFiles }: TrackedFiles,
): Promise<boolean> {
  const pristine = pathsByPart.get(name) ?? [];
  if (manifests.some((file) => pristine.includes(`${name}/${file}`) || newFiles.has(`${name}/${file}`)))
    return true;
  const names = await readdir(folder);
  return manifests.some((file) => names.includes(file));
}

/** pvr opens the link as if it led to a file, and fails. */
function linkedFolder(name: string): Problem {
  return new Problem({
    doing: `reading ${name}`,
    found: 'it is a symbolic link to a folder, and pvr follows links to files only',
    remedy: 'Put the folder itself there',
  });
}
