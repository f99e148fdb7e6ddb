import { mkdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder and those that it lies in. Node's own `recursive` says that nothing is there (ENOENT) where the disk is
 * read-only; this says so.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || path.dirname(folder) === folder) throw error;
    await makeFolder(path.dirname(folder));
    await mkdir(folder, { recursive: true });
  }
}
