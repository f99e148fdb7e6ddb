import { inflateSync } from 'node:zlib';
import { deflate } from 'pako';
import { describeError } from '../../problem';
import { DamagedBlock, type Decode, type Encode, type WritableCompressor } from './compressor';
import { levels } from './levels';

interface GzipCompression {
  readonly compressor: 'gzip';
  /** 1 to 9. */
  readonly level: number;
}

const windowBits = 15;
const usualLevel = 9;

export const gzip: WritableCompressor<GzipCompression> = {
  name: 'gzip',
  encoder: 'pako@2.2.0',
  loadEncoder: ({ level }) => Promise.resolve(encoder(level)),
  loadDecoder: () => Promise.resolve(decode),
  writeOptions({ level }) {
    if (level === usualLevel) return undefined;
    const options = Buffer.alloc(8);
    options.writeUInt32LE(level, 0);
    options.writeUInt16LE(windowBits, 4);
    return options;
  },
  ...levels('gzip', 9, usualLevel),
};

/**
 * Compresses in the zlib format with a 32 KiB window, as mksquashfs does. By pako, not node:zlib: that one's output
 * differs from one build of Node to the next, and the same image must give the same bytes on every machine.
 */
function encoder(level: number): Encode {
  if (!isGzipLevel(level)) throw new RangeError(`gzip level ${level}`);
  return (block) => {
    const compressed = deflate(block, { level, windowBits, memLevel: 8 });
    return compressed.length < block.length ? compressed : undefined;
  };
}

const decode: Decode = (block, maxSize) => {
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
