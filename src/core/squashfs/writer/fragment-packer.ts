import type { BlockContent } from '../block-content';
import type { Block } from '../data-blocks';
import type { BlockQueue } from './block-queue';

/**
 * Packs small files into shared blocks, one after the other. A file that doesn't fit begins a new block, so that a change
 * of one file changes few blocks; looking for one with room would save little and move everything.
 */
export class FragmentPacker {
  /** The fragment table; complete when the queue is drained. */
  readonly blocks: Block[] = [];
  readonly #queue: BlockQueue;
  readonly #blockSize: number;
  #block: Buffer;
  #filled = 0;
  #ended = 0;

  constructor(queue: BlockQueue, blockSize: number) {
    this.#queue = queue;
    this.#blockSize = blockSize;
    this.#block = Buffer.allocUnsafeSlow(blockSize);
  }

  /** Takes over the bytes of a whole file, fewer than a block has. */
  async add(file: Uint8Array): Promise<NonNullable<BlockContent['fragment']>> {
    if (this.#filled + file.length > this.#blockSize) await this.endBlock();
    const place = { index: this.#ended, offset: this.#filled };
    this.#block.set(file, this.#filled);
    this.#filled += file.length;
    return place;
  }

  /** To be called after the last file, too. */
  async endBlock(): Promise<void> {
    if (this.#filled === 0) return;
    const block = this.#block.subarray(0, this.#filled);
    this.#block = Buffer.allocUnsafeSlow(this.#blockSize);
    this.#filled = 0;
    this.#ended++;
    // The queue answers in the order asked, so the table grows in the order of its indexes.
    await this.#queue.add(block, (written) => this.blocks.push(written));
  }
}
