import path from 'node:path';
import { isShortage, systemErrorWords } from '../../files/system-error';
import { variable, type ProcessEnvironment } from '../../net/process-environment';
import { Problem } from '../../problem';

const directoryVariable = 'PVX_CACHE_DIR';
const limitVariable = 'PVX_CACHE_LIMIT';

const ownName = 'pantavisor-checkouts';

const gibibyte = 2 ** 30;
const defaultLimit = 5 * gibibyte;

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: gibibyte, T: 2 ** 40 };

/**
 * PVX_CACHE_DIR, else the folder that this operating system has for caches.
 *
 * @throws Problem when it would be a relative path: below the current folder it may lie in a checkout.
 */
export function defaultCacheDirectory(environment: ProcessEnvironment): string {
  const named = variable(environment, directoryVariable);
  const directory = named ?? folderOfSystem(environment);
  if (path.isAbsolute(directory)) return path.resolve(directory);
  throw new Problem({
    doing: 'looking for the cache folder',
    found: `${directory} is no absolute path${named === undefined ? ', as HOME says it' : ''}`,
    remedy: `Name a folder by its absolute path in ${directoryVariable}`,
  });
}

function folderOfSystem(environment: ProcessEnvironment): string {
  const { platform, homeDirectory } = environment;
  if (platform === 'darwin') return path.join(homeDirectory, 'Library', 'Caches', ownName);
  if (platform === 'win32') {
    const local = variable(environment, 'LOCALAPPDATA') ?? path.join(homeDirectory, 'AppData', 'Local');
    return path.join(local, ownName, 'Cache');
  }
  const caches = variable(environment, 'XDG_CACHE_HOME');
  // One that is not absolute is to be ignored (XDG Base Directory Specification 0.8, "Basics").
  const isNamed = caches !== undefined && path.isAbsolute(caches);
  return path.join(isNamed ? caches : path.join(homeDirectory, '.cache'), ownName);
}

/**
 * Bytes that the blobs may take: PVX_CACHE_LIMIT (`800M`, `20GiB`, or a number of bytes), else 5 GiB.
 *
 * @throws Problem when the variable says something else.
 */
export function defaultCacheLimit(environment: ProcessEnvironment): number {
  const text = variable(environment, limitVariable);
  if (text === undefined) return defaultLimit;
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  const unit = units[match?.[2]?.toUpperCase() ?? ''];
  if (match?.[1] !== undefined && unit !== undefined) return Math.floor(Number(match[1]) * unit);
  throw new Problem({
    doing: `reading ${limitVariable}`,
    found: `"${text.slice(0, 50)}" is not a size`,
    remedy: 'Write it like 800M or 20GiB',
  });
}

/** A folder that can't be written, or is full. */
export function cacheProblem(directory: string, cause: unknown): Problem {
  const message = cause instanceof Error ? cause.message : String(cause);
  const doing = 'keeping what was downloaded';
  const shortage = isShortage(cause) ? systemErrorWords(cause, directory) : undefined;
  if (shortage !== undefined) return new Problem({ doing, ...shortage, cause });
  return new Problem({
    doing,
    found: `the cache folder ${directory} can't be used (${message})`,
    remedy: `Free some space or put its permissions right, or name another folder in ${directoryVariable}`,
    cause,
  });
}
