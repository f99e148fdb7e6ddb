import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { formatSize } from '../presentation/size';
import { Problem } from '../problem';
import { fileProblem, isMissing } from './file-problem';

/** Far above any manifest or state that a person or pvr makes, far below what hurts. */
export const maxTextSize = 16 * 1024 * 1024;

/** The text of a file of a checkout, as {@link readSmallFile} has it. */
export async function readTextFile(checkoutDirectory: string, name: string): Promise<string | undefined> {
  return (await readSmallFile(checkoutDirectory, name))?.toString('utf8');
}

/**
 * The content of a file of a checkout; undefined when there is none.
 *
 * @param name path below the checkout.
 * @throws Problem when it can't be read, is no regular file (reading a pipe would never end) or is larger than
 * {@link maxTextSize}.
 */
export async function readSmallFile(checkoutDirectory: string, name: string): Promise<Buffer | undefined> {
  const file = path.join(checkoutDirectory, name);
  const doing = `reading ${name}`;
  try {
    const stats = await stat(file);
    if (!stats.isFile()) {
      throw new Problem({ doing, found: 'it is not a file', remedy: 'Move it out of the way' });
    }
    if (stats.size > maxTextSize) {
      throw new Problem({
        doing,
        found: `it is ${formatSize(stats.size)}, more than the ${formatSize(maxTextSize)} that such a file may have`,
        remedy: 'Check whether this is the right file',
      });
    }
    return await readFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileProblem(doing, file, error);
  }
}
