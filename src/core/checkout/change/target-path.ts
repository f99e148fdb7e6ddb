import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../files/file-problem';
import { Problem } from '../../problem';

/** What was added since the last commit. */
export const newFilesPath = '.pvr/new';

/**
 * Ours alone: the state that the files were checked out from, where the last commit has been replaced since by one from elsewhere.
 * What is as it says is no edit that could be lost.
 */
export const replacedStatePath = '.pvr/pvx-replaced';

/** Ours alone: the device, and its revision, that the checkout came from; pvr drops what it doesn't know of its own configuration. */
export const originPath = '.pvr/pvx-origin';

/** What a transaction may change below `.pvr`: what a commit does. Objects are only ever added, the rest is bookkeeping. */
const ownFiles: ReadonlySet<string> = new Set([
  ...[newFilesPath, '.pvr/json', '.pvr/commitmsg', '.pvr/config'],
  ...[replacedStatePath, originPath],
]);

/**
 * Makes sure that a path below a checkout, with `/` between its parts, is one that may be written: it stays inside.
 *
 * @throws Problem.
 */
export function checkTargetPath(target: string): void {
  const parts = target.split('/');
  const isUnsafe = parts.some(
    (part) => part === '' || part === '.' || part === '..' || part.includes('\0') || isMoreOnWindows(part),
  );
  if (isUnsafe) throw outside(target, 'it is not a plain path below the checkout');
  const isReserved = /^\.pvr?$/i.test(parts[0] ?? '') && !ownFiles.has(target);
  if (isReserved) throw outside(target, 'it belongs to pvr');
}

/**
 * The same on disk: no folder on the way is a symbolic link, which could lead outside.
 *
 * @returns the folders on the way that don't exist yet, outermost first, as paths below the checkout.
 */
export async function missingParents(checkoutDirectory: string, target: string): Promise<readonly string[]> {
  const parts = target.split('/').slice(0, -1);
  const parents = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  for (const [index, parent] of parents.entries()) {
    try {
      const stats = await lstat(path.join(checkoutDirectory, parent));
      if (!stats.isDirectory()) throw outside(target, `${parent} is not a folder of its own`);
    } catch (error) {
      if (!isMissing(error)) throw error;
      return parents.slice(index);
    }
  }
  return [];
}

/** `C:`, alternate data streams and a further way to write a slash; elsewhere these are characters like any other. */
function isMoreOnWindows(part: string): boolean {
  return process.platform === 'win32' && /[\\:]/.test(part);
}

function outside(target: string, found: string): Problem {
  return new Problem({
    doing: `preparing to write ${JSON.stringify(target)}`,
    found,
    remedy: 'Use plain names for apps and files, and folders instead of symbolic links',
  });
}
