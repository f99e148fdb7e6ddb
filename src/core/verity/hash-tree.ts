import { createHash } from 'node:crypto';
import { blockSize, hashSize, type TreeLayout, type TreeLevel } from './tree-layout';

/** A block of a hash file. */
export interface HashBlock {
  /** Counted in blocks from the start of the file. */
  readonly index: number;
  readonly bytes: Buffer;
}

/**
 * Builds the hash tree over data that comes in order, and keeps one block of each level in memory. A block of the tree is
 * given to `emit` when it is full, so not in the order of the file.
 */
export class HashTree {
  readonly #salt: Uint8Array;
  readonly #emit: (block: HashBlock) => void;
  readonly #levels: readonly OpenLevel[];
  #root: Buffer | undefined;

  constructor({ levels }: TreeLayout, salt: Uint8Array, emit: (block: HashBlock) => void) {
    this.#salt = salt;
    this.#emit = emit;
    this.#levels = levels.map(({ start }: TreeLevel) => ({
      index: start,
      bytes: Buffer.alloc(blockSize),
      used: 0,
    }));
  }

  /** @param data whole blocks. */
  add(data: Uint8Array): void {
    for (let at = 0; at < data.length; at += blockSize) {
      this.#place(0, this.#hash(data.subarray(at, at + blockSize)));
    }
  }

  /** The root hash, after all data; the blocks that are not full are given out before, filled up with zeros. */
  finish(): Buffer {
    for (const [level, { used }] of this.#levels.entries()) if (used > 0) this.#close(level);
    if (this.#root === undefined) throw new TypeError('there is no data');
    return this.#root;
  }

  #place(level: number, hash: Buffer): void {
    const open = this.#levels[level];
    if (open === undefined) {
      this.#root = hash;
      return;
    }
    open.bytes.set(hash, open.used);
    open.used += hashSize;
    if (open.used === blockSize) this.#close(level);
  }

  #close(level: number): void {
    const open = this.#levels[level];
    if (open === undefined) return;
    const { index, bytes } = open;
    open.index += 1;
    open.bytes = Buffer.alloc(blockSize);
    open.used = 0;
    this.#emit({ index, bytes });
    this.#place(level + 1, this.#hash(bytes));
  }

  #hash(block: Uint8Array): Buffer {
    return createHash('sha256').update(this.#salt).update(block).digest();
  }
}

/** The block of a level that is being filled. */
interface OpenLevel {
  index: number;
  bytes: Buffer;
  /** Bytes. */
  used: number;
}
