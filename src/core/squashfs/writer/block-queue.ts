import type { Block } from '../data-blocks';
import { dataStoredBit } from '../format';
import type { ReadBlock } from '../packed-blocks';
import type { PackedBlock, PackingBlock } from './block-compressor';
import type { OutputFile } from './output-file';

/**
 * Ready blocks between two that are being packed may be so many that these wait for each other. They take next to no memory
 * before their turn, so this bounds nothing but how far the source is ahead of the file.
 */
const longest = 4096;

/** Hears where a block lies. */
type OnWritten = (block: Block) => void;

interface Waiting {
  readonly isPacking: boolean;
  readonly bring: () => Promise<PackedBlock>;
  readonly onWritten: OnWritten;
}

/**
 * Writes data and fragment blocks in the order given, whoever is packed first: the file is the same with any number of
 * threads. Only `room` of them are being packed at a time, and so much is in memory.
 */
export class BlockQueue {
  readonly #room: number;
  readonly #output: OutputFile;
  readonly #signal: AbortSignal;
  readonly #waiting: Waiting[] = [];
  #packing = 0;

  constructor(room: number, output: OutputFile, signal: AbortSignal) {
    this.#room = room;
    this.#output = output;
    this.#signal = signal;
  }

  /** Returns when there is room for the next. `onWritten` hears where the block lies, earlier blocks first. */
  async add(packing: PackingBlock, onWritten: OnWritten): Promise<void> {
    this.#packing += 1;
    await this.#push({ isPacking: true, bring: packing, onWritten });
  }

  /** The same for a block that lies packed elsewhere: it is read when its turn comes. */
  async addReady(read: ReadBlock, onWritten: OnWritten): Promise<void> {
    await this.#push({ isPacking: false, bring: read, onWritten });
  }

  /** Returns when all are written. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#writeFirst();
  }

  async #push(waiting: Waiting): Promise<void> {
    this.#waiting.push(waiting);
    while (this.#packing >= this.#room || this.#waiting.length >= longest) await this.#writeFirst();
  }

  async #writeFirst(): Promise<void> {
    const first = this.#waiting.shift();
    if (first === undefined) return;
    this.#signal.throwIfAborted();
    const block = await first.bring();
    if (first.isPacking) this.#packing -= 1;
    const position = await this.#output.append(block.bytes);
    first.onWritten({ position, sizeField: sizeFieldOf(block) });
  }
}

function sizeFieldOf({ bytes, stored }: PackedBlock): number {
  return stored ? bytes.length | dataStoredBit : bytes.length;
}
