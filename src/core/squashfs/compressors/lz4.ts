import { DamagedBlock, type Decode, type ReadableCompressor } from './compressor';

export const lz4: ReadableCompressor<'lz4'> = {
  name: 'lz4',
  loadDecoder: () => Promise.resolve(decodeLz4),
};

/**
 * Decompresses one LZ4 block (lz4's doc/lz4_Block_format.md): sequences of literals and a match each, the last of
 * literals alone. SquashFS uses the bare block, without LZ4's frame.
 */
export const decodeLz4: Decode = (block, maxSize) => {
  const output = new Uint8Array(maxSize);
  let at = 0;
  let written = 0;

  /** A length of 15 goes on in the bytes that follow, as long as they are 255. */
  const readLength = (start: number): number => {
    if (start < 15) return start;
    let length = start;
    for (;;) {
      const byte = block[at++];
      if (byte === undefined) throw new DamagedBlock('its lz4 data ends within a length');
      length += byte;
      if (byte < 255) return length;
    }
  };

  for (;;) {
    const token = block[at++];
    if (token === undefined) throw new DamagedBlock('its lz4 data ends before its last literals');

    const literals = readLength(token >> 4);
    if (literals > block.length - at) throw new DamagedBlock('its lz4 data ends within literals');
    if (literals > maxSize - written) throw new DamagedBlock('its lz4 data holds more than a block');
    output.set(block.subarray(at, at + literals), written);
    at += literals;
    written += literals;
    if (at === block.length) return output.subarray(0, written);

    const low = block[at++];
    const high = block[at++];
    if (low === undefined || high === undefined) throw new DamagedBlock('its lz4 data ends within an offset');
    const distance = low | (high << 8);
    if (distance === 0 || distance > written)
      throw new DamagedBlock('its lz4 data refers to before its start');
    const length = readLength(token & 15) + 4;
    if (length > maxSize - written) throw new DamagedBlock('its lz4 data holds more than a block');
    repeat(output, written, distance, length);
    written += length;
  }
};

/** Copies `length` bytes from `distance` before `at` to `at`; a match may overlap what it writes. */
function repeat(output: Uint8Array, at: number, distance: number, length: number): void {
  const from = at - distance;
  let copied = Math.min(distance, length);
  output.copyWithin(at, from, from + copied);
  // What lies from `from` on now repeats itself, so each turn can copy twice as much as the one before.
  while (copied < length) {
    const step = Math.min(copied + distance, length - copied);
    output.copyWithin(at + copied, from, from + step);
    copied += step;
  }
}
