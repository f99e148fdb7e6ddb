import type { BlockContent } from './block-content';
import type { Decode } from './compressors/compressor';
import { damaged, decodeBlock } from './damaged';
import { dataStoredBit } from './format';

/** A block of file content, its own or that of fragments. */
export interface Block {
  readonly position: number;
  /** The compressed size with `dataStoredBit`, as inodes and the fragment table have it; a data block of 0 is a hole. */
  readonly sizeField: number;
}

export interface DataBlock extends Block {
  /** How many bytes it holds decompressed. */
  readonly length: number;
}

/** Blocks that lie side by side, to be read at once. */
export interface BlockRun {
  readonly position: number;
  readonly size: number;
  readonly blocks: readonly DataBlock[];
}

/** What is known of the file that holds the blocks. */
export interface BlockSource {
  readonly path: string;
  readonly blockSize: number;
  /** Where the file system ends; no block reaches further. */
  readonly bytesUsed: number;
}

/** A run has at most as many bytes, and as many blocks, unless one block is larger. */
export const longestRun = 1 << 20;
const mostBlocksInRun = 64;

export function storedSize(sizeField: number): number {
  // Unsigned, whatever a damaged file has in the highest bit.
  return (sizeField & ~dataStoredBit) >>> 0;
}

/**
 * The data blocks of a file from block `first` to before block `end`, in runs; what a fragment holds is not among them.
 * @throws Problem when a block can't be one of this file system.
 */
export function* blockRuns(
  source: BlockSource,
  { start, blockSizes }: BlockContent,
  size: number,
  first = 0,
  end = blockSizes.length,
): Generator<BlockRun, void, undefined> {
  let position = start;
  for (let index = 0; index < first; index++) position += storedSize(blockSizes[index] ?? 0);

  let blocks: DataBlock[] = [];
  let runStart = position;
  for (let index = first; index < end; index++) {
    const sizeField = blockSizes[index] ?? 0;
    const length = Math.min(source.blockSize, size - index * source.blockSize);
    const block = checkedBlock(source, { position, sizeField, length });
    const next = position + storedSize(sizeField);
    if (blocks.length > 0 && (next - runStart > longestRun || blocks.length === mostBlocksInRun)) {
      yield { position: runStart, size: position - runStart, blocks };
      blocks = [];
      runStart = position;
    }
    blocks.push(block);
    position = next;
  }
  if (blocks.length > 0) yield { position: runStart, size: position - runStart, blocks };
}

/** The same blocks one by one, for those who don't decompress them. */
export function blocksOf(source: BlockSource, content: BlockContent, size: number): readonly DataBlock[] {
  return [...blockRuns(source, content, size)].flatMap(({ blocks }) => blocks);
}

/** Refuses a block that is larger than blocks are, or lies outside the file system. */
export function checkedBlock<B extends Block>(source: BlockSource, block: B): B {
  const size = storedSize(block.sizeField);
  if (size > source.blockSize) {
    throw damaged(source.path, `it has a block of ${size} bytes, and its block size is ${source.blockSize}`);
  }
  if (block.position + size > source.bytesUsed) {
    throw damaged(
      source.path,
      `it has a block of ${size} bytes at byte ${block.position}, past its end at ${source.bytesUsed}`,
    );
  }
  return block;
}

/** The bytes of a data block: a view of `stored`, which is as long as the block, if that isn't compressed. */
export function unpackDataBlock(
  source: BlockSource,
  block: DataBlock,
  stored: Uint8Array,
  decode: Decode,
): Uint8Array {
  if (block.sizeField === 0) return Buffer.alloc(block.length);
  const bytes = unpack(source, block, stored, block.length, decode);
  if (bytes.length < block.length) {
    throw damaged(
      source.path,
      `the block at byte ${block.position} holds ${bytes.length} bytes, and ${block.length} are expected`,
    );
  }
  return bytes;
}

/** All that a fragment block holds, for several files. */
export function unpackFragment(
  source: BlockSource,
  block: Block,
  stored: Uint8Array,
  decode: Decode,
): Uint8Array {
  return unpack(source, block, stored, source.blockSize, decode);
}

/** The bytes of one file among those of a fragment block. */
export function tailInFragment(
  source: BlockSource,
  fragment: Uint8Array,
  offset: number,
  length: number,
): Uint8Array {
  if (offset + length > fragment.length) {
    throw damaged(
      source.path,
      `a fragment holds ${fragment.length} bytes, and a file's last ${length} are to lie at its byte ${offset}`,
    );
  }
  return fragment.subarray(offset, offset + length);
}

function unpack(
  source: BlockSource,
  block: Block,
  stored: Uint8Array,
  maxSize: number,
  decode: Decode,
): Uint8Array {
  if ((block.sizeField & dataStoredBit) === 0) {
    return decodeBlock(decode, stored, maxSize, source.path, `the block at byte ${block.position}`);
  }
  if (stored.length > maxSize) {
    throw damaged(
      source.path,
      `the block at byte ${block.position} holds ${stored.length} bytes, and ${maxSize} are expected`,
    );
  }
  return stored;
}
