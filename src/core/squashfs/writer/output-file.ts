import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { describeError, Problem } from '../../problem';

export interface FinishedFile {
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex, of the whole file. */
  readonly sha256: string;
}

const bufferSize = 1 << 20;

/**
 * A new file that grows at its end, one `append` after the other. A file system error becomes a `Problem` with the path.
 * Whoever creates it closes it, and deletes the file if it wasn't finished.
 */
export class OutputFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  /** Gathers small pieces: blocks can be a few bytes, and each write costs a round trip to another thread. */
  readonly #buffer = Buffer.allocUnsafeSlow(bufferSize);
  #buffered = 0;
  #written = 0;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Replaces what is at `path`. */
  static async create(path: string): Promise<OutputFile> {
    try {
      return new OutputFile(path, await open(path, 'w+'));
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** Where the next byte goes. */
  get end(): number {
    return this.#written + this.#buffered;
  }

  /** Answers where the bytes lie. They are taken over at once; the caller's may change afterwards. */
  async append(bytes: Uint8Array): Promise<number> {
    const position = this.end;
    for (let taken = 0; taken < bytes.length;) {
      if (this.#buffered === bufferSize) await this.#flush();
      const step = Math.min(bytes.length - taken, bufferSize - this.#buffered);
      this.#buffer.set(bytes.subarray(taken, taken + step), this.#buffered);
      this.#buffered += step;
      taken += step;
    }
    return position;
  }

  /**
   * Puts `head` over the file's first bytes, and hashes the whole. The hash is taken by reading the file again, not while
   * it is written: it begins with the first bytes, and they are known last. What was just written is still in the system's
   * memory, so this costs a fraction of a second where compressing took minutes.
   */
  async finish(head: Uint8Array, signal: AbortSignal): Promise<FinishedFile> {
    await this.#flush();
    await this.#write(head, 0);
    const size = this.#written;
    const hash = createHash('sha256');
    for (let position = 0; position < size;) {
      signal.throwIfAborted();
      const { bytesRead } = await this.#attempt(
        this.#handle.read(this.#buffer, 0, Math.min(bufferSize, size - position), position),
      );
      if (bytesRead === 0) throw unwritable(this.#path, new Error('it was cut short by another program'));
      hash.update(this.#buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
    return { size, sha256: hash.digest('hex') };
  }

  async close(): Promise<void> {
    await this.#attempt(this.#handle.close());
  }

  async #flush(): Promise<void> {
    await this.#write(this.#buffer.subarray(0, this.#buffered), this.#written);
    this.#written += this.#buffered;
    this.#buffered = 0;
  }

  /** A nearly full disk takes a part of the bytes before it refuses the rest. */
  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#attempt(
        this.#handle.write(bytes, done, bytes.length - done, position + done),
      );
      done += bytesWritten;
    }
  }

  async #attempt<T>(operation: Promise<T>): Promise<T> {
    try {
      return await operation;
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }
}

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some space on that disk, then try again',
  EDQUOT: 'Free some space, or ask for a larger quota, then try again',
  EFBIG: 'Put it on a file system that allows larger files',
  EROFS: 'Make its file system writable, or choose another folder',
  EACCES: 'Check who owns its folder and may write there',
  EPERM: 'Check who owns its folder and may write there',
  ENOENT: 'Check that its folder is there',
};

function unwritable(path: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new Problem({
    doing: `writing ${path}`,
    found: describeError(error),
    remedy: remedies[code] ?? 'Check that its folder can be written to and that its disk is well',
    cause: error,
  });
}
