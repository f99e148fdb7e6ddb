import { describeError, Problem } from '../problem';

/** The code of a system error (`ENOENT`, …), undefined for anything else that was thrown. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
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
  const known = knownErrors[errorCode(error) ?? ''];
  return new Problem({
    doing,
    found: known === undefined ? describeError(error) : known.found(path),
    remedy: known?.remedy ?? `Check ${path}, then try again`,
    cause: error,
  });
}

const denied = {
  found: (path: string) => `access to ${path} is denied`,
  remedy: 'Check its owner and permissions, or run as the user that it belongs to',
};
const inUse = {
  found: (path: string) => `${path} is in use by another program`,
  remedy: 'Close whatever has it open, then try again',
};

const knownErrors: Readonly<Record<string, { found: (path: string) => string; remedy: string }>> = {
  EACCES: denied,
  EPERM: denied,
  EBUSY: inUse,
  ETXTBSY: inUse,
  EROFS: {
    found: (path) => `${path} lies on a file system that is read-only`,
    remedy: 'Make it writable, or work on a copy of the checkout',
  },
  ENOSPC: {
    found: (path) => `no space is left for ${path}`,
    remedy: 'Free some space on that disk, then try again',
  },
  EDQUOT: {
    found: (path) => `the disk quota is used up, at ${path}`,
    remedy: 'Free some space, or ask for a larger quota, then try again',
  },
  ENOENT: {
    found: (path) => `${path} does not exist`,
    remedy: 'Check the path, or restore it from the last commit with pvr checkout',
  },
  EXDEV: {
    found: (path) => `${path} lies on another file system than the checkout's .pvr folder`,
    remedy: 'Keep the whole checkout on one file system',
  },
};
