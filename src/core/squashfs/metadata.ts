import type { ByteString } from '../bytes/byte-string';
import type { Decode } from './compressors/compressor';
import { damaged, decodeBlock } from './damaged';
import {
  metadataBlockSize,
  type MetadataReference,
  metadataStoredBit,
  splitMetadataReference,
} from './format';
import type { MemoryBudget } from './memory-budget';

interface MetadataBlock {
  readonly bytes: Buffer;
  /** Where the block behind it begins, below the table's start. */
  readonly next: number;
}

/** What reading metadata needs beside the bytes. */
export interface MetadataContext {
  /** For messages. */
  readonly file: string;
  readonly decode: Decode;
  readonly budget: MemoryBudget;
}

/** A table of metadata blocks, in memory as it lies in the file; each block is decompressed when first needed. */
export class MetadataTable {
  readonly name: string;
  readonly #context: MetadataContext;
  readonly #raw: Buffer;
  /** Where `raw` lies in the file, for messages. */
  readonly #position: number;
  readonly #blocks = new Map<number, MetadataBlock>();

  constructor(name: string, raw: Buffer, position: number, context: MetadataContext) {
    this.name = name;
    this.#raw = raw;
    this.#position = position;
    this.#context = context;
  }

  at(reference: MetadataReference): MetadataCursor {
    const { block, offset } = splitMetadataReference(reference);
    return new MetadataCursor(this, block, offset);
  }

  /** The block at `start` bytes below the table's start. */
  block(start: number): MetadataBlock {
    let block = this.#blocks.get(start);
    if (block === undefined) {
      block = this.#decodeBlock(start);
      this.#blocks.set(start, block);
    }
    return block;
  }

  /** No more bytes than this can come from the block at `start` and those behind it. */
  mostBytesFrom(start: number): number {
    const smallestBlock = 3;
    return Math.ceil(Math.max(0, this.#raw.length - start) / smallestBlock) * metadataBlockSize;
  }

  damaged(found: string, cause?: unknown): Error {
    return damaged(this.#context.file, `its ${this.name} table ${found}`, cause);
  }

  #decodeBlock(start: number): MetadataBlock {
    const { decode, budget } = this.#context;
    if (start + 2 > this.#raw.length) {
      throw this.damaged(`has ${this.#raw.length} bytes, and something is to lie at its byte ${start}`);
    }
    const header = this.#raw.readUInt16LE(start);
    const size = header & ~metadataStoredBit;
    const next = start + 2 + size;
    const where = `the metadata block at byte ${this.#position + start}`;
    if (size === 0 || size > metadataBlockSize)
      throw damaged(this.#context.file, `${where} claims ${size} bytes`);
    if (next > this.#raw.length)
      throw damaged(this.#context.file, `${where} reaches past the end of its table`);
    const stored = this.#raw.subarray(start + 2, next);
    if ((header & metadataStoredBit) !== 0) return { bytes: stored, next };

    budget.spend(metadataBlockSize);
    const bytes = decodeBlock(decode, stored, metadataBlockSize, this.#context.file, where);
    return { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), next };
  }
}

/**
 * Reads on from a place in a table, over the borders of blocks. Numbers are little-endian; they and names are read where they
 * lie, since a view of each would take most of the time that a large tree needs.
 */
export class MetadataCursor {
  readonly #table: MetadataTable;
  #bytes: Buffer;
  #offset: number;
  #next: number;

  constructor(table: MetadataTable, start: number, offset: number) {
    const block = table.block(start);
    if (offset > block.bytes.length) {
      throw table.damaged(
        `has ${block.bytes.length} bytes in a block where something is to lie at byte ${offset}`,
      );
    }
    this.#table = table;
    this.#bytes = block.bytes;
    this.#offset = offset;
    this.#next = block.next;
  }

  u16(): number {
    const at = this.#advance(2);
    return at === undefined ? this.#takeAcross(2).readUInt16LE() : this.#bytes.readUInt16LE(at);
  }

  u32(): number {
    const at = this.#advance(4);
    return at === undefined ? this.#takeAcross(4).readUInt32LE() : this.#bytes.readUInt32LE(at);
  }

  /** A number above 2^53 loses its last digits, and is no place in any file. */
  u64(): number {
    const low = this.u32();
    return this.u32() * 0x1_0000_0000 + low;
  }

  byteString(length: number): ByteString {
    const at = this.#advance(length);
    return at === undefined
      ? this.#takeAcross(length).toString('latin1')
      : this.#bytes.toString('latin1', at, at + length);
  }

  skip(length: number): void {
    if (this.#advance(length) === undefined) this.#takeAcross(length);
  }

  /** The next `length` bytes: a view where they lie in one block, a copy where they don't. */
  take(length: number): Buffer {
    const at = this.#advance(length);
    return at === undefined ? this.#takeAcross(length) : this.#bytes.subarray(at, at + length);
  }

  /** Where the next `length` bytes begin in the present block, unless they reach beyond it; the cursor stands behind them. */
  #advance(length: number): number | undefined {
    const at = this.#offset;
    if (at + length > this.#bytes.length) return undefined;
    this.#offset = at + length;
    return at;
  }

  #takeAcross(length: number): Buffer {
    const here = this.#bytes.length - this.#offset;
    if (length - here > this.#table.mostBytesFrom(this.#next)) {
      throw this.#table.damaged(`ends where ${length} bytes more are to follow`);
    }
    const taken = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length;) {
      if (this.#offset === this.#bytes.length) {
        const block = this.#table.block(this.#next);
        if (block.bytes.length === 0) throw this.#table.damaged('has an empty block');
        this.#bytes = block.bytes;
        this.#offset = 0;
        this.#next = block.next;
      }
      const step = this.#bytes.copy(taken, done, this.#offset, this.#offset + length - done);
      this.#offset += step;
      done += step;
    }
    return taken;
  }
}
