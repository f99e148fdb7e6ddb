/** Where the bytes of a regular file lie in a SquashFS file. */
export interface BlockContent {
  /** Position of the first data block; the others follow without a gap. */
  readonly start: number;
  /**
   * For each data block its compressed size, with `dataStoredBit` when it is stored as it is; 0 is a hole of one block.
   * Every block holds `blockSize` bytes, but the last of a file without a fragment may hold fewer.
   */
  readonly blockSizes: Uint32Array;
  /** The bytes that are left after whole blocks, when they share a block with those of other files. */
  readonly fragment: { readonly index: number; readonly offset: number } | undefined;
}
