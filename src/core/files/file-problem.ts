import { describeError, Problem } from '../problem';
import { errorCode, systemErrorWords, type ErrorWords } from './system-error';

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
