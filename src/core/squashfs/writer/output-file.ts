import { type FileHandle, open } from 'node:fs/promises';
import { systemErrorWords } from '../../files/system-error';
import { describeError, Problem } from '../../problem';

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
      return new OutputFile(path, await open(path, 'w'));
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

  /** Writes what is still gathered, and puts `head` over the file's first bytes: they are known last. */
  async finish(head: Uint8Array): Promise<void> {
    await this.#flush();
    await this.#write(head, 0);
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

function unwritable(path: string, error: unknown): Problem {
  const words = systemErrorWords(error, path) ?? {
    found: describeError(error),
    remedy: 'Check that its folder is there and can be written to, and that its disk is well',
  };
  return new Problem({ doing: `writing ${path}`, ...words, cause: error });
}
