import { lstat } from 'node:fs/promises';
import { isMissing } from './file-problem';

/** Whether there is anything at a path, also a symbolic link that leads nowhere. */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
