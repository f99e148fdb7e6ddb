import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const chunkSize = 1 << 20;

/**
 * The sha256 (lower-case hex) of a file's bytes.
 * @param onBytes hears how many more are done.
 * @throws what the system says when it can't be read; the signal's reason.
 */
export async function sha256OfFile(
  file: string,
  signal?: Pick<AbortSignal, 'throwIfAborted'>,
  onBytes?: (bytes: number) => void,
): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const hash = createHash('sha256');
    // One buffer for all: a stream makes a new one for each chunk, and they pile up until the next garbage collection.
    const chunk = Buffer.allocUnsafeSlow(chunkSize);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(chunk, 0, chunkSize);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytesRead));
      onBytes?.(bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** What hashes files: the threads of a pool, or this one. */
export interface FileHasher {
  /** As {@link sha256OfFile}. */
  hashFile(file: string, signal: AbortSignal, onBytes?: (bytes: number) => void): Promise<string>;
}

/** For work that has no pool, and few files to hash. */
export const thisThread: FileHasher = { hashFile: sha256OfFile };
