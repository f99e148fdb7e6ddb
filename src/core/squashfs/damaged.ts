import { Problem, type ProblemParts } from '../problem';
import { DamagedBlock, type Decode } from './compressors/compressor';

/** A SquashFS file that nobody can use as it is, missing ones too: only another file in its place helps. */
export class UnusableSquashfs extends Problem {
  constructor(
    readonly file: string,
    parts: ProblemParts,
  ) {
    super(parts);
  }
}

/** A SquashFS file whose bytes contradict each other. `found` is a clause about the file: "it ends at byte 512". */
export function damaged(file: string, found: string, cause?: unknown): UnusableSquashfs {
  return new UnusableSquashfs(file, {
    doing: `reading ${file}`,
    found,
    remedy: 'Get or build the file again; this one is damaged',
    cause,
  });
}

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
