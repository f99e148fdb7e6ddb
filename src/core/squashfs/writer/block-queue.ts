import type { Block } from '../data-blocks';
import { dataStoredBit } from '../format';
import type { BlockCompressor, PackingBlock } from './block-compressor';
import type { OutputFile } from './output-file';

/**
 * Packs data and fragment blocks in parallel and writes them in the order given, whoever is done first: the file is the
 * same with any number of threads. Only so many are under way at a time, and so much is in memory.
 */
export class BlockQueue {
  readonly #compressor: BlockCompressor;
  readonly #output: OutputFile;
  readonly #waiting: { readonly packing: PackingBlock; readonly onWritten: (block: Block) => void }[] = [];

  constructor(compressor: BlockCompressor, output: OutputFile) {
    this.#compressor = compressor;
    this.#output = output;
  }

  /** Returns when there is room for the next. `onWritten` hears where the block lies, earlier blocks first. */
  async add(block: Uint8Array, onWritten: (block: Block) => void): Promise<void> {
    this.#waiting.push({ packing: this.#compressor.pack(block), onWritten });
    while (this.#waiting.length >= this.#compressor.parallelBlocks) await this.#writeFirst();
  }

  /** Returns when all are written. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#writeFirst();
  }

  async #writeFirst(): Promise<void> {
    const first = this.#waiting.shift();
    if (first === undefined) return;
    const { bytes, stored } = await first.packing();
    const position = await this.#output.append(bytes);
    first.onWritten({ position, sizeField: stored ? bytes.length | dataStoredBit : bytes.length });
  }
}
