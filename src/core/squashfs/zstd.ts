import { decompress } from 'fzstd';
import { describeError } from '../problem';
import { DamagedBlock, type Decode, type Encode } from './codec';

/** One frame without a checksum, its window no larger than the block: what mksquashfs writes and the kernel wants. */
export async function loadZstdEncoder(level: number): Promise<Encode> {
  const { Zstd } = await import('@hpcc-js/wasm-zstd');
  const zstd = await Zstd.load();
  return (block) => {
    const compressed = zstd.compress(block, level);
    return compressed.length < block.length ? compressed : undefined;
  };
}

export const decodeZstd: Decode = (block, maxSize) => {
  try {
    // fzstd writes into the buffer it is given and fails when that is too small.
    return decompress(block, new Uint8Array(maxSize));
  } catch (error) {
    throw new DamagedBlock(`its zstd data is damaged (${describeError(error)})`, error);
  }
};
