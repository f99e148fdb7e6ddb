import { DamagedBlock, type Decode } from './codec';
import { damaged } from './damaged';

/** Decompresses a block, and names file and place when that fails. */
export function decodeBlock(
  decode: Decode,
  bytes: Uint8Array,
  maxSize: number,
  file: string,
  where: string,
): Uint8Array {
  try {
    return decode(bytes, maxSize);
  } catch (error) {
    if (!(error instanceof DamagedBlock)) throw error;
    throw damaged(file, `${where} can't be decompressed: ${error.message}`, error);
  }
}
