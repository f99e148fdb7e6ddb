import type { Compressor } from '../format';

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

/** One whose blocks can be read. */
export interface ReadableCompressor<Name extends Compressor> {
  readonly name: Name;
  /** @param directory the folder that holds `liblzma.wasm`. */
  loadDecoder(directory: string, lifetime: Lifetime): Promise<Decode>;
}

/** One that blocks can be packed with, too; `C` is its name with its parameters. */
export interface WritableCompressor<C extends { readonly compressor: Compressor }> extends ReadableCompressor<
  C['compressor']
> {
  /** What packs blocks, and all of its parameters that `C` leaves open; changes whenever their bytes may. */
  readonly encoder: string;
  /** @param directory the folder that holds `liblzma.wasm`. */
  loadEncoder(compression: C, directory: string): Promise<Encode>;
  /** With what inodes, listings and tables are packed, where that isn't `compression` itself. */
  forMetadata?(compression: C): C;
  /**
   * The content of the metadata block behind the superblock in which a file of `blockSize` says how it was packed
   * (squashfs-tools, `*_wrapper.h`). Like mksquashfs, undefined where all is as the compressor has it by default.
   */
  writeOptions(compression: C, blockSize: number): Buffer | undefined;
  /** From what {@link writeOptions} or mksquashfs writes, however short; undefined of a file that has no such block. */
  readOptions(options: Buffer | undefined): C;
  /** Its `-X` options, as mksquashfs has them, and what to say where one doesn't fit the compressor that is asked for. */
  readonly formatOptions: Readonly<Record<string, (value: string, compressor: string) => string>>;
  /**
   * @param given its own `-X` options.
   * @param present what holds where `given` says nothing; undefined for mksquashfs's defaults.
   * @param refuse makes a Problem of what was found.
   */
  parseFormatOptions(
    given: ReadonlyMap<string, string>,
    present: C | undefined,
    refuse: (found: string) => Error,
  ): C;
}
