import type { FileHandle } from 'node:fs/promises';
import type { TarInput } from '../../tar/tar-input';

const chunkSize = 1024 * 1024;

/** The bytes from `start` to `end` (exclusive) of an open file; fewer when it has been cut meanwhile. */
export async function* readRange(
  handle: FileHandle,
  start: number,
  end: number,
): AsyncGenerator<Buffer, void, undefined> {
  for (let at = start; at < end;) {
    const chunk = await readAt(handle, at, Math.min(chunkSize, end - at));
    if (chunk.length === 0) return;
    yield chunk;
    at += chunk.length;
  }
}

/** Reads the headers of a tar file and nothing of what lies between them. */
export class TarFileInput implements TarInput {
  #position = 0;

  constructor(
    private readonly handle: FileHandle,
    private readonly size: number,
  ) {}

  get position(): number {
    return this.#position;
  }

  async read(length: number): Promise<Buffer> {
    const bytes = await readAt(this.handle, this.#position, length);
    this.#position += bytes.length;
    return bytes;
  }

  skipTo(position: number): Promise<void> {
    this.#position = Math.min(position, this.size);
    return Promise.resolve();
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
