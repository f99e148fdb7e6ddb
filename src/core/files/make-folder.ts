import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder and those that it lies in. Node's own `recursive` says that nothing is there (ENOENT) where the disk is
 * read-only; this says so. And where no folder can ever be made, as in /proc, Node's tries for ever.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await makeOne(folder)) return;
  await makeFolder(path.dirname(folder));
  await mkdir(folder).catch(unlessItExists(folder));
}

/** @returns whether it is there now; if not, what it would lie in is missing. */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder).catch(unlessItExists(folder));
    return true;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || path.dirname(folder) === folder) throw error;
    return false;
  }
}

function unlessItExists(folder: string): (error: unknown) => Promise<void> {
  return async (error) => {
    if (codeOf(error) !== 'EEXIST' || !(await stat(folder)).isDirectory()) throw error;
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
