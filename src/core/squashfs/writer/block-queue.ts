import type { Block } from '../data-blocks';
import { dataStoredBit } from '../format';
import type { PackedBlock, PackingBlock } from './block-compressor';
import type { OutputFile } from './output-file';

/**
 * Writes data and fragment blocks that are being packed in the order given, whoever is done first: the file is the same
 * with any number of threads. Only `room` of them are under way at a time, and so much is in memory.
 */
export class BlockQueue {
  readonly #room: number;
  readonly #output: OutputFile;
  readonly #waiting: { readonly packing: PackingBlock; readonly onWritten: (block: Block) => void }[] = [];

  constructor(room: number, output: OutputFile) {
    this.#room = room;
    this.#output = output;
  }

  /** Returns when there is room for the next. `onWritten` hears where the block lies, earlier blocks first. */
  async add(packing: PackingBlock, onWritten: (block: Block) => void): Promise<void> {
    this.#waiting.push({ packing, onWritten });
    while (this.#waiting.length >= this.#room) await this.#writeFirst();
  }

  /** Returns when all are written. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#writeFirst();
  }

  async #writeFirst(): Promise<void> {
    const first = this.#waiting.shift();
    if (first === undefined) return;
    const block = await first.packing();
    const position = await this.#output.append(block.bytes);
    first.onWritten({ position, sizeField: sizeFieldOf(block) });
  }
}

function sizeFieldOf({ bytes, stored }: PackedBlock): number {
  return stored ? bytes.length | dataStoredBit : bytes.length;
}
