import path from 'node:path';
import envPaths from 'env-paths';
import { Problem } from '../../problem';
import { isShortage, systemErrorWords } from '../../system-error';
import { variable, type ImageEnvironment } from '../environment';

const directoryVariable = 'PVX_CACHE_DIR';
const limitVariable = 'PVX_CACHE_LIMIT';

const gibibyte = 2 ** 30;
const defaultLimit = 5 * gibibyte;

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: gibibyte, T: 2 ** 40 };

/** PVX_CACHE_DIR, else the folder that this operating system has for caches. */
export function defaultCacheDirectory(environment: ImageEnvironment): string {
  const named = variable(environment, directoryVariable);
  if (named !== undefined) return path.resolve(named);
  const { cache } = envPaths('pantavisor-checkouts', { suffix: '' });
  if (path.isAbsolute(cache)) return cache;
  // Below the current folder it would be in the checkout.
  throw new Problem({
    doing: 'looking for the cache folder',
    found: `${cache} is no absolute path, as HOME or XDG_CACHE_HOME say it`,
    remedy: `Set these to absolute paths, or name a folder in ${directoryVariable}`,
  });
}

/**
 * Bytes that the blobs may take: PVX_CACHE_LIMIT (`800M`, `20GiB`, or a number of bytes), else 5 GiB.
 *
 * @throws Problem when the variable says something else.
 */
export function defaultCacheLimit(environment: ImageEnvironment): number {
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
