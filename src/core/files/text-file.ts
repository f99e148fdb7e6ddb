import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { formatSize } from '../presentation/size';
import { Problem } from '../problem';
import { describeFileKind } from './file-kind';
import { fileProblem, isMissing } from './file-problem';
import type { ListedFile } from './list-files';

/** Far above any manifest or state that a person or pvr makes, far below what hurts. */
export const maxTextSize = 16 * 1024 * 1024;

/**
 * The text of a file of a checkout; undefined when there is none.
 *
 * @param name path below the checkout.
 * @throws Problem when it can't be read, is no regular file (reading a pipe would never end) or is larger than
 * {@link maxTextSize}.
 */
export async function readTextFile(checkoutDirectory: string, name: string): Promise<string | undefined> {
  const file = path.join(checkoutDirectory, name);
  const doing = `reading ${name}`;
  try {
    const stats = await stat(file);
    if (!stats.isFile()) throw notAFile(name, describeFileKind(stats));
    const content = await readSmallFile(checkoutDirectory, { path: name, size: stats.size });
    return content?.toString('utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileProblem(doing, file, error);
  }
}

/** For what lies where a file should. @param kind as in `a folder`. */
export function notAFile(name: string, kind: string): Problem {
  return new Problem({
    doing: `reading ${name}`,
    found: `it is ${kind} instead of a file`,
    remedy: 'Move it out of the way, and restore the file from the last commit with pvr checkout',
  });
}

/**
 * The content of a regular file of a checkout; undefined when it is gone by now.
 *
 * @throws Problem when it can't be read, or is larger than {@link maxTextSize}.
 */
export async function readSmallFile(
  checkoutDirectory: string,
  { path: name, size }: ListedFile,
): Promise<Buffer | undefined> {
  const file = path.join(checkoutDirectory, name);
  const doing = `reading ${name}`;
  if (size > maxTextSize) {
    throw new Problem({
      doing,
      found: `it is ${formatSize(size)}, more than the ${formatSize(maxTextSize)} that such a file may have`,
      remedy: 'Check whether this is the right file',
    });
  }
  try {
    return await readFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileProblem(doing, file, error);
  }
}
