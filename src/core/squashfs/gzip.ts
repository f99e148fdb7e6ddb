import { inflateSync } from 'node:zlib';
import { deflate } from 'pako';
import { describeError } from '../problem';
import { DamagedBlock, type Decode, type Encode } from './codec';

/**
 * Compresses in the zlib format with a 32 KiB window, as mksquashfs does. By pako, not node:zlib: that one's output
 * differs from one build of Node to the next, and the same image must give the same bytes on every machine.
 */
export function gzipEncoder(level: number): Encode {
  if (!isGzipLevel(level)) throw new RangeError(`gzip level ${level}`);
  return (block) => {
    const compressed = deflate(block, { level, windowBits: 15, memLevel: 8 });
    return compressed.length < block.length ? compressed : undefined;
  };
}

export const decodeGzip: Decode = (block, maxSize) => {
  try {
    return inflateSync(block, { maxOutputLength: maxSize });
  } catch (error) {
    throw new DamagedBlock(`its zlib data is damaged (${describeError(error)})`, error);
  }
};

type GzipLevel = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

function isGzipLevel(level: number): level is GzipLevel {
  return Number.isInteger(level) && level >= 1 && level <= 9;
}
