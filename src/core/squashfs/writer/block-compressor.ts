import type { CodecPool } from '../codec-pool';
import { type Compression, compressionOfMetadata, type SquashfsFormat } from '../compression';

/** A block as it is to lie in the file. */
export interface PackedBlock {
  readonly bytes: Uint8Array;
  /** Not compressed, because that wouldn't make it smaller. */
  readonly stored: boolean;
}

/** Packs blocks of one file in the pool's threads; any number may be under way. */
export class BlockCompressor {
  readonly blockSize: number;
  /** As many blocks under way keep every thread busy while the first one is waited for. */
  readonly parallelBlocks: number;
  readonly signal: AbortSignal;
  readonly #pool: CodecPool;
  readonly #format: SquashfsFormat;

  constructor(pool: CodecPool, format: SquashfsFormat, signal: AbortSignal) {
    this.#pool = pool;
    this.#format = format;
    this.signal = signal;
    this.blockSize = format.blockSize;
    this.parallelBlocks = pool.workers * 3;
  }

  /** A data or fragment block. `block` stays the caller's, and must not change until it is packed. */
  pack(block: Uint8Array): PackingBlock {
    return this.#packWith(this.#format.compression, block);
  }

  /** The same for a block of metadata. */
  packMetadata(block: Uint8Array): PackingBlock {
    return this.#packWith(compressionOfMetadata(this.#format.compression), block);
  }

  #packWith(compression: Compression, block: Uint8Array): PackingBlock {
    const { blockSize } = this.#format;
    const packed = this.#pool
      .compress(block, compression, blockSize)
      .then((bytes) => (bytes === undefined ? { bytes: block, stored: true } : { bytes, stored: false }));
    // Blocks are asked for in order; when an earlier one fails, nobody asks for this one any more.
    packed.catch(() => undefined);
    return () => unlessAborted(this.signal, packed);
  }
}

/** Waits until the block is packed; ends at once with the signal's reason when the job is stopped. */
export type PackingBlock = () => Promise<PackedBlock>;

/**
 * The result of `work`, or the signal's reason as soon as it is aborted, even if `work` never ends.
 *
 * Each call has a promise of its own for the signal: racing against one that lives as long as the job would keep every
 * result alive until then.
 */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
  });
  signal.addEventListener('abort', onAbort);
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  signal.throwIfAborted();
  return work;
}
