import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { describeError, Problem } from '../problem';
import { errorCode, type ErrorWords, systemErrorWords } from './system-error';

/** Where `Stats` and `Dirent` agree. */
export type FileKind = Pick<
  Stats,
  'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO' | 'isSocket' | 'isBlockDevice' | 'isCharacterDevice'
>;

/** What something on disk is, for messages: `a folder`. */
export function describeFileKind(entry: FileKind): string {
  if (entry.isFile()) return 'a file';
  if (entry.isDirectory()) return 'a folder';
  if (entry.isSymbolicLink()) return 'a symbolic link';
  if (entry.isFIFO()) return 'a named pipe';
  if (entry.isSocket()) return 'a socket';
  return 'a device';
}

/** Whether a file or folder is simply not there. */
export function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** For `catch`, where it doesn't matter whether a file is there. */
export function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
  return undefined;
}

/**
 * A file system error in people's words.
 *
 * @param doing as in {@link Problem}: `writing web/root.squashfs`.
 * @param path what the error is about, for the message.
 */
export function fileProblem(doing: string, path: string, error: unknown): Problem {
  if (error instanceof Problem) return error;
  const words = wordsOfCheckouts[errorCode(error) ?? '']?.(path) ??
    systemErrorWords(error, path) ?? { found: describeError(error), remedy: `Check ${path}, then try again` };
  return new Problem({ doing, ...words, cause: error });
}

/** What means something of its own, or has a remedy of its own, in a checkout. */
const wordsOfCheckouts: Readonly<Record<string, (path: string) => ErrorWords>> = {
  EROFS: (path) => ({
    found: `${path} lies on a file system that is read-only`,
    remedy: 'Make it writable, or work on a copy of the checkout',
  }),
  ENOENT: (path) => ({
    found: `${path} does not exist`,
    remedy: 'Check the path, or restore it from the last commit with pvr checkout',
  }),
  ENOTDIR: (path) => ({
    found: `on the way to ${path} lies a file instead of a folder`,
    remedy: 'Check the path, or move that file out of the way',
  }),
  EXDEV: (path) => ({
    found: `${path} lies on another file system than the checkout's .pvr folder`,
    remedy: 'Keep the whole checkout on one file system',
  }),
};

/** Whether there is anything at a path, also a symbolic link that leads nowhere. */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
