import { open, type FileHandle } from 'node:fs/promises';
import { errorCode } from './system-error';

/** Waits until a file's content is on the disk, and not only in the system's memory. */
export async function syncFile(file: string): Promise<void> {
  // Windows flushes only what is open for writing.
  await withHandle(file, 'r+', (handle) => handle.sync());
}

/**
 * What file systems say that can't do this for folders, as do some that come from a network or another system; databases
 * pass over it, too (PostgreSQL, fd.c, fsync_fname_ext).
 */
const notForFolders = new Set(['EINVAL', 'EBADF', 'ENOTSUP', 'ENOSYS']);

/** The same for a folder's entries: files made, renamed or removed in it. Where there is no way to, that is no failure. */
export async function syncFolder(folder: string): Promise<void> {
  // On Windows a folder can't be opened; NTFS keeps its own journal of names.
  if (process.platform === 'win32') return;
  await withHandle(folder, 'r', async (handle) => {
    await handle.sync().catch((error: unknown) => {
      if (!notForFolders.has(errorCode(error) ?? '')) throw error;
    });
  });
}

async function withHandle(
  path: string,
  flags: string,
  use: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(path, flags);
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}
