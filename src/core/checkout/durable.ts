import { open, type FileHandle } from 'node:fs/promises';

/** Waits until a file's content is on the disk, and not only in the system's memory. */
export async function syncFile(file: string): Promise<void> {
  // Windows flushes only what is open for writing.
  await withHandle(file, 'r+', (handle) => handle.sync());
}

/** The same for a folder's entries: files made, renamed or removed in it. */
export async function syncFolder(folder: string): Promise<void> {
  // On Windows a folder can't be opened; NTFS keeps its own journal of names.
  if (process.platform === 'win32') return;
  await withHandle(folder, 'r', (handle) => handle.sync());
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
