import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

export interface EvictionRules {
  /** Bytes that may stay. */
  readonly limit: number;
  /** Files that must stay. */
  readonly isInUse: (file: string) => boolean;
}

/** Another process may be about to read a blob that it has just asked for. */
const youngMs = 60 * 60 * 1000;
/** A download that still runs has been written to since then. */
const abandonedMs = 24 * 60 * 60 * 1000;

/**
 * Removes the least recently used files of these folders until they fit into the limit, but neither young ones nor those
 * in use. What can't be removed, because of another process or missing rights, stays.
 *
 * @returns the bytes that are left.
 */
export async function evict(folders: readonly string[], { limit, isInUse }: EvictionRules): Promise<number> {
  const files = (await Promise.all(folders.map(listFiles))).flat();
  files.sort((a, b) => a.modified - b.modified);
  const young = Date.now() - youngMs;
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size, modified } of files) {
    if (total <= limit || modified > young) break;
    if (!isInUse(file) && (await remove(file))) total -= size;
  }
  return total;
}

/** Removes what downloads left behind that were killed. */
export async function removeAbandoned(folder: string): Promise<void> {
  const old = Date.now() - abandonedMs;
  for (const { file, modified } of await listFiles(folder)) if (modified < old) await remove(file);
}

interface FoundFile {
  readonly file: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

async function listFiles(folder: string): Promise<FoundFile[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name): Promise<FoundFile | undefined> => {
      const file = path.join(folder, name);
      const stats = await stat(file).catch(() => undefined);
      return stats?.isFile() === true ? { file, size: stats.size, modified: stats.mtimeMs } : undefined;
    }),
  );
  return found.filter((file) => file !== undefined);
}

async function remove(file: string): Promise<boolean> {
  return rm(file, { force: true }).then(
    () => true,
    () => false,
  );
}
