import { Problem } from '../../problem';
import type { Directory, FileContent, Hashed, RegularFile } from '../../rootfs/tree';

/** A tree, and a way to its files' bytes. */
export interface SquashfsSource<C extends Hashed> {
  readonly root: Directory<C>;
  /** The files in the order in which their bytes are cheapest to read: the same order for the same input. */
  inReadingOrder(files: readonly RegularFile<C>[]): readonly RegularFile<C>[];
  /** Streams the wanted files' bytes, each once, in the order given, which is the reading order. */
  contents(wanted: readonly RegularFile<C>[]): AsyncIterable<FileContent<C>>;
}

/**
 * The contents that a source streams, for one who wants small files later than the large ones between them: they are kept
 * until then. What is to share one block is asked for together, and two blocks are filled at a time, so about two blocks' bytes are
 * kept at most.
 */
export class IncomingContents<C extends Hashed> {
  readonly #wanted: readonly RegularFile<C>[];
  readonly #contents: AsyncIterator<FileContent<C>>;
  readonly #blockSize: number;
  readonly #signal: AbortSignal;
  readonly #kept = new Map<RegularFile<C>, Buffer>();
  #begun = 0;

  /** @param wanted in the source's reading order. */
  constructor(
    source: SquashfsSource<C>,
    wanted: readonly RegularFile<C>[],
    blockSize: number,
    signal: AbortSignal,
  ) {
    this.#wanted = wanted;
    this.#contents = source.contents(wanted)[Symbol.asyncIterator]();
    this.#blockSize = blockSize;
    this.#signal = signal;
  }

  /** A file's bytes, a block or more, in blocks; they must be read to their end before anything else is asked for. */
  async *blocksOf(file: RegularFile<C>): AsyncGenerator<Buffer, void, undefined> {
    let content = await this.#next();
    for (; content.file !== file; content = await this.#next()) await this.#keep(content);
    yield* contentBlocks(content, this.#blockSize, this.#signal);
  }

  /** All bytes of a file that is shorter than a block. */
  async bytesOf(file: RegularFile<C>): Promise<Buffer> {
    for (;;) {
      const bytes = this.#kept.get(file);
      if (bytes !== undefined) {
        this.#kept.delete(file);
        return bytes;
      }
      await this.#keep(await this.#next());
    }
  }

  /** To be called when all has been asked for. @throws Problem when the source has more. */
  async end(): Promise<void> {
    if ((await this.#contents.next()).done !== true)
      throw wrongFiles('a file that was not asked for, or twice');
  }

  /** Lets go of the source, wherever it is. */
  async close(): Promise<void> {
    await this.#contents.return?.();
  }

  async #next(): Promise<FileContent<C>> {
    const next = await this.#contents.next();
    if (next.done === true) {
      throw wrongFiles(`${this.#wanted.length - this.#begun} of ${this.#wanted.length} files too few`);
    }
    if (next.value.file !== this.#wanted[this.#begun++]) {
      throw wrongFiles('a file that was not asked for, or twice, or out of order');
    }
    return next.value;
  }

  async #keep({ file, chunks }: FileContent<C>): Promise<void> {
    // To its end, though one block is all there is: only then has the source checked what it gave.
    for await (const block of contentBlocks({ file, chunks }, this.#blockSize, this.#signal)) {
      this.#kept.set(file, block);
    }
  }
}

function wrongFiles(found: string): Problem {
  return new Problem({
    doing: 'reading the files of the image',
    found: `its layers gave ${found}`,
    remedy: 'Try again; if it happens again, clear the cache and pull the image anew',
  });
}

/**
 * A file's bytes in blocks: each of `blockSize` bytes but the last, which may be shorter. Every block has memory of its own.
 * @throws Problem when there are more or fewer bytes than the file is to have.
 */
async function* contentBlocks(
  { file, chunks }: FileContent<unknown>,
  blockSize: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let left = file.size;
  const nextBlock = () => Buffer.allocUnsafeSlow(Math.min(blockSize, left));
  let block = nextBlock();
  let filled = 0;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    if (filled + chunk.length > left) throw wrongLength(file.size, 'more');
    for (let taken = 0; taken < chunk.length;) {
      const step = Math.min(chunk.length - taken, block.length - filled);
      block.set(chunk.subarray(taken, taken + step), filled);
      filled += step;
      taken += step;
      if (filled === block.length) {
        yield block;
        left -= filled;
        block = nextBlock();
        filled = 0;
      }
    }
  }
  if (left > 0) throw wrongLength(file.size, `only ${file.size - left + filled}`);
}

function wrongLength(expected: number, found: string): Problem {
  return new Problem({
    doing: 'reading the files of the image',
    found: `a file of ${expected} bytes gave ${found}`,
    remedy: 'Try again; if it happens again, clear the cache and pull the image anew',
  });
}
