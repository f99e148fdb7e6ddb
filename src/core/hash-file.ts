import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const chunkSize = 1 << 20;

/**
 * The sha256 (lower-case hex) of a file's bytes.
 * @throws what the system says when it can't be read; the signal's reason.
 */
export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: chunkSize })) {
    signal?.throwIfAborted();
    if (chunk instanceof Uint8Array) hash.update(chunk);
  }
  return hash.digest('hex');
}
