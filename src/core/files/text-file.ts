import { channel } from 'node:diagnostics_channel';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { formatSize } from '../presentation/size';
import { Problem } from '../problem';
import { describeFileKind, fileProblem, isMissing } from './file-problem';
import type { ListedFile } from './list-files';

/** The channel that tells of each file that is opened here, by its path. */
export const fileOpened = 'pantavisor-checkouts:file-opened';
const openings = channel(fileOpened);

/** Far above any manifest or state that a person or pvr makes, far below what hurts. */
export const maxTextSize = 16 * 1024 * 1024;

/** A folder whose small files are read by their paths below it. */
export interface TextFiles {
  /** Absolute path. */
  readonly directory: string;
  /**
   * The text of a file; undefined when there is none.
   *
   * @throws Problem when it can't be read, is no regular file (reading a pipe would never end) or is larger than
   * {@link maxTextSize}.
   */
  text(name: string): Promise<string | undefined>;
}

/** The text of a file below a folder, as {@link TextFiles} says. */
export async function readTextFile(folder: string, name: string): Promise<string | undefined> {
  return (await readTextBytes(folder, name))?.toString('utf8');
}

/** The same before it is decoded. */
export async function readTextBytes(folder: string, name: string): Promise<Buffer | undefined> {
  const file = path.join(folder, name);
  const doing = `reading ${name}`;
  try {
    const stats = await stat(file);
    if (!stats.isFile()) throw notAFile(name, describeFileKind(stats));
    return await readSmallFile(folder, { path: name, size: stats.size });
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
 * The content of a regular file below a folder; undefined when it is gone by now.
 *
 * @throws Problem when it can't be read, or is larger than {@link maxTextSize}.
 */
async function readSmallFile(folder: string, { path: name, size }: ListedFile): Promise<Buffer | undefined> {
  const file = path.join(folder, name);
  const doing = `reading ${name}`;
  if (size > maxTextSize) {
    throw new Problem({
      doing,
      found: `it is ${formatSize(size)}, more than the ${formatSize(maxTextSize)} that such a file may have`,
      remedy: 'Check whether this is the right file',
    });
  }
  openings.publish(file);
  try {
    return await readFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileProblem(doing, file, error);
  }
}
