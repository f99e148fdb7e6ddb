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
  let shared: RegularFile<C>[] = [];
  let filled = 0;
  const endBlock = () => {
    if (shared.length > 0) pieces.push({ kind: 'shared-block', files: shared });
    shared = [];
    filled = 0;
  };

  for (const file of files) {
    if (file.size >= blockSize) {
      pieces.push({ kind: 'own-blocks', file });
    } else if (isZeros(file)) {
      pieces.push({ kind: 'hole', file });
    } else {
      // Looking for an earlier block with room would save little and move everything.
      if (filled + file.size > blockSize) endBlock();
      shared.push(file);
      filled += file.size;
      if (filled >= blockSize / 2 && endsBlock(file)) endBlock();
    }
  }
  endBlock();
  return pieces;
}

/**
 * In a block's second half one file in eight ends it, and which one its bytes decide. So where a file is new, gone, or has
 * another size, the blocks are the same as before again after a few files; otherwise all files behind it would move from
 * block to block. Costs some 0.1 % of the whole.
 */
function endsBlock({ content }: RegularFile<Hashed>): boolean {
  return /^[01]/.test(content.sha256);
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
