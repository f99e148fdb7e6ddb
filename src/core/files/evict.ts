import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

export interface EvictionRules {
  /** Bytes that may stay. */
  readonly limit: number;
  /** Milliseconds for which a file stays after it was used last, whatever the limit; none when missing. */
  readonly keptFor?: number;
  /** Files that must stay; none when missing. */
  readonly isInUse?: (file: string) => boolean;
}

/**
 * Removes the least recently used files of these folders until they fit into the limit. What can't be looked at or removed,
 * because of another process or missing rights, stays and keeps nothing else.
 *
 * @returns the bytes that are left.
 */
export async function evict(
  folders: readonly string[],
  { limit, keptFor, isInUse = () => false }: EvictionRules,
): Promise<number> {
  const files = (await Promise.all(folders.map(listFiles))).flat();
  files.sort((a, b) => a.modified - b.modified);
  const kept = keptFor === undefined ? Infinity : Date.now() - keptFor;
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size, modified } of files) {
    if (total <= limit || modified > kept) break;
    if (!isInUse(file) && (await remove(file))) total -= size;
  }
  return total;
}

/** Removes the files of a folder that nobody has written to for so many milliseconds. */
export async function removeAbandoned(folder: string, unusedFor: number): Promise<void> {
  const old = Date.now() - unusedFor;
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
