/** What a person reads of an error of the system, as the parts of a `Problem`. */
export interface ErrorWords {
  readonly found: string;
  readonly remedy: string;
}

/** The code of a system error (`ENOENT`, …), undefined for anything else that was thrown. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * What the system's refusal means, and what helps against it; undefined for what it says of the path alone (it isn't there),
 * which means something else in every place, and for what isn't an error of the system.
 *
 * @param path what was to be read or written.
 */
export function systemErrorWords(error: unknown, path: string): ErrorWords | undefined {
  return wordsByCode[errorCode(error) ?? '']?.(path);
}

/** Whether this process or machine is out of something that it wouldn't have more of with another path. */
export function isShortage(error: unknown): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes(errorCode(error) ?? '');
}

const denied = (path: string): ErrorWords => ({
  found: `access to ${path} is denied`,
  remedy: 'Check its owner and permissions, or run as the user that it belongs to',
});
const inUse = (path: string): ErrorWords => ({
  found: `${path} is in use by another program`,
  remedy: 'Close whatever has it open, then try again',
});
const lost = (path: string): ErrorWords => ({
  found: `${path} lies on a network file system that does not answer any more`,
  remedy: 'Check its connection, or mount it again, then try again',
});

const wordsByCode: Readonly<Record<string, (path: string) => ErrorWords>> = {
  EACCES: denied,
  EPERM: denied,
  EBUSY: inUse,
  ETXTBSY: inUse,
  EMFILE: (path) => ({
    found: `too many files are open for ${path} to be opened, too${openFilesLimit()}`,
    remedy: 'Allow more of them with ulimit -n, then try again',
  }),
  ENFILE: (path) => ({
    found: `too many files are open on this machine for ${path} to be opened, too`,
    remedy: 'Close other programs, then try again',
  }),
  ENOMEM: (path) => ({
    found: `there is not enough memory for ${path}`,
    remedy: 'Close other programs, or allow this one more memory (ulimit -v), then try again',
  }),
  ENOSPC: (path) => ({
    found: `no space is left for ${path}`,
    remedy: 'Free some space on that disk, then try again',
  }),
  EDQUOT: (path) => ({
    found: `the disk quota is used up, at ${path}`,
    remedy: 'Free some space, or ask for a larger quota, then try again',
  }),
  EFBIG: (path) => ({
    found: `${path} is larger than a file may be there`,
    remedy: 'Use a file system that takes larger files, or allow them (ulimit -f)',
  }),
  EROFS: (path) => ({
    found: `${path} lies on a file system that is read-only`,
    remedy: 'Make it writable, or choose another folder',
  }),
  EIO: (path) => ({
    found: `the disk of ${path} fails to read or write it (EIO)`,
    remedy: "Check that disk and its connection; the system's log says more",
  }),
  ESTALE: lost,
  ENOTCONN: lost,
  EHOSTDOWN: lost,
  ETIMEDOUT: lost,
  EISDIR: (path) => ({
    found: `${path} is a folder instead of a file`,
    remedy: 'Move it out of the way',
  }),
  ELOOP: (path) => ({
    found: `the symbolic links at ${path} lead in a circle`,
    remedy: 'Put the file or folder itself there',
  }),
  ENAMETOOLONG: (path) => ({
    found: `${path} is a longer name than the file system takes`,
    remedy: 'Choose shorter names, or a folder that is less deep',
  }),
};

/** As the system tells it without opening a file, which it would refuse just now. */
function openFilesLimit(): string {
  try {
    const report = process.report as { excludeNetwork?: boolean; getReport(): object };
    // Names of hosts would be looked up.
    report.excludeNetwork = true;
    const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
    const limit = userLimits?.open_files?.soft;
    return typeof limit === 'number' ? ` (the limit is ${limit})` : '';
  } catch {
    return '';
  }
}
