import { syncFile } from '../../files/durable';
import { fileProblem } from '../../files/file-problem';
import type { Workshop } from '../environment';

/** A file that was written, read back and found right. */
export interface WrittenFile {
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex, of the whole file. */
  readonly sha256: string;
}

/**
 * Hashes a file that was just written, and brings it to the disk, while `check` reads it back: threads and the disk are idle
 * meanwhile, and the commit needn't wait for either.
 */
export async function checkWritten<T>(
  file: string,
  { pool, job }: Workshop,
  check: () => Promise<T>,
): Promise<{ readonly sha256: string; readonly checked: T }> {
  const syncing = syncFile(file).catch((error: unknown) => {
    throw fileProblem('writing to the checkout', file, error);
  });
  const hashing = pool.hashFile(file, job.signal);
  const settled = Promise.allSettled([hashing, syncing]);
  try {
    const checked = await check();
    const [sha256] = await Promise.all([hashing, syncing]);
    return { sha256, checked };
  } finally {
    // Whoever deletes the file after a failure finds it closed.
    await settled;
  }
}
