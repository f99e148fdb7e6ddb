import { createHash } from 'node:crypto';
import type { Hashed, RegularFile } from '../../rootfs/tree';

/** What lies in a SquashFS file one after the other. */
export type Piece<C extends Hashed> =
  /** A file shorter than a block that is all zeros: it lies nowhere. */
  | { readonly kind: 'hole'; readonly file: RegularFile<C> }
  /** A file of a block or more. Its last block is its own, as mksquashfs does it without `-tailends`. */
  | { readonly kind: 'own-blocks'; readonly file: RegularFile<C> }
  /** Shorter files that share a fragment block, one after the other from its begin. */
  | { readonly kind: 'shared-block'; readonly files: readonly RegularFile<C>[] };

/**
 * Where files with different bytes, none of them empty, are to lie. It follows from their sizes and hashes and their order
 * alone: nobody needs to have read them.
 */
export function layOut<C extends Hashed>(
  files: readonly RegularFile<C>[],
  blockSize: number,
): readonly Piece<C>[] {
  const isZeros = zerosAmong(files.filter(({ size }) => size < blockSize));
  const pieces: Piece<C>[] = [];
  const open = new OpenBlocks<C>(blockSize, (ended) => pieces.push({ kind: 'shared-block', files: ended }));
  for (const file of files) {
    if (file.size >= blockSize) {
      pieces.push({ kind: 'own-blocks', file });
    } else if (isZeros(file)) {
      pieces.push({ kind: 'hole', file });
    } else {
      open.add(file);
      if (endsRun(file, blockSize)) open.end();
    }
  }
  open.end();
  return pieces;
}

/**
 * Blocks that are being filled. There are two, the older for what the newer has no room for: mksquashfs has one, which is ended by
 * the first file that is too large for what is left of it, and that is a sixth of it on average. But files compress best beside
 * those that they lie beside in the tree, and a change must not move many of them; so what has little room left is ended as well.
 */
class OpenBlocks<C extends Hashed> {
  readonly #blockSize: number;
  readonly #onEnd: (files: readonly RegularFile<C>[]) => void;
  /** Older ones first. */
  #blocks: OpenBlock<C>[] = [];

  constructor(blockSize: number, onEnd: (files: readonly RegularFile<C>[]) => void) {
    this.#blockSize = blockSize;
    this.#onEnd = onEnd;
  }

  /** To the older of those with room. Where none has, the fuller one makes way for a new one. */
  add(file: RegularFile<C>): void {
    let block = this.#blocks.find(({ filled }) => filled + file.size <= this.#blockSize);
    if (block === undefined) {
      if (this.#blocks.length === 2) this.#end(this.#fuller());
      block = { files: [], filled: 0 };
      this.#blocks.push(block);
    }
    block.files.push(file);
    block.filled += file.size;
    const [older, newer] = this.#blocks;
    if (newer !== undefined && older !== undefined && older.filled > this.#blockSize * fullEnough)
      this.#end(older);
  }

  /** Ends all. */
  end(): void {
    for (const block of this.#blocks) this.#onEnd(block.files);
    this.#blocks = [];
  }

  #fuller(): OpenBlock<C> | undefined {
    const [older, newer] = this.#blocks;
    return older !== undefined && newer !== undefined && newer.filled > older.filled ? newer : older;
  }

  #end(block: OpenBlock<C> | undefined): void {
    if (block !== undefined) this.#onEnd(block.files);
    this.#blocks = this.#blocks.filter((other) => other !== block);
  }
}

/** The part of a block from which on it isn't kept open beside a newer one. */
const fullEnough = 7 / 8;

interface OpenBlock<C> {
  readonly files: RegularFile<C>[];
  filled: number;
}

/** Blocks' worth of files that a run has on average. */
const runLength = 12;

/**
 * Files are laid out in runs, each in blocks of its own; whether a file is the last of one only it decides, by its bytes, and the
 * sooner, the larger it is. So where a file is new, gone, or has another size, the blocks are the same as before again after a run
 * at most; otherwise all files behind it might move from block to block.
 */
function endsRun({ size, content }: RegularFile<Hashed>, blockSize: number): boolean {
  return parseInt(content.sha256.slice(0, 8), 16) < (size / (runLength * blockSize)) * 2 ** 32;
}

/** Tells by their hashes which files are all zeros; hashes as many zeros as the largest of them has. */
function zerosAmong(files: readonly RegularFile<Hashed>[]): (file: RegularFile<Hashed>) => boolean {
  const sizes = [...new Set(files.map(({ size }) => size))].sort((a, b) => a - b);
  const hashes = new Map<number, string>();
  const hash = createHash('sha256');
  let hashed = 0;
  for (const size of sizes) {
    hash.update(Buffer.alloc(size - hashed));
    hashed = size;
    hashes.set(size, hash.copy().digest('hex'));
  }
  return ({ size, content }) => hashes.get(size) === content.sha256;
}
