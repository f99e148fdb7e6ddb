/**
 * Compresses one block. Answers `undefined` when the block doesn't get smaller, and is to be stored.
 * `blockSize` is that of the file the block goes to, also for a block of metadata.
 */
export type Encode = (block: Uint8Array, blockSize: number) => Uint8Array | undefined;

/** Whose the bytes are that a decoder answers with: the caller's own, or valid until the next block is decoded. */
export type Lifetime = 'own' | 'passing';

/**
 * Decompresses one block, into `maxSize` bytes at most.
 * Anything that isn't a whole block of at most that size is refused with a {@link DamagedBlock}.
 */
export type Decode = (block: Uint8Array, maxSize: number) => Uint8Array;

/** A block can't be decompressed. The reader, which knows where the block lies, makes a `Problem` of it. */
export class DamagedBlock extends Error {
  override readonly name = 'DamagedBlock';

  /** `found` is a clause that follows "a block can't be decompressed: ". */
  constructor(found: string, cause?: unknown) {
    super(found, { cause });
  }
}
