/** Everything a SquashFS file can be compressed with; we read all but lzo and lzma. */
export type Compressor = 'gzip' | 'lzma' | 'lzo' | 'xz' | 'lz4' | 'zstd';

/** What a superblock calls each compressor. */
export const compressorIds: Readonly<Record<Compressor, number>> = {
  gzip: 1,
  lzma: 2,
  lzo: 3,
  xz: 4,
  lz4: 5,
  zstd: 6,
};

const compressorsById = new Map<number, Compressor>([
  [1, 'gzip'],
  [2, 'lzma'],
  [3, 'lzo'],
  [4, 'xz'],
  [5, 'lz4'],
  [6, 'zstd'],
]);

export function compressorById(id: number): Compressor | undefined {
  return compressorsById.get(id);
}

/** How blocks can be compressed here. Levels are the library's own: gzip 1 to 9, zstd 1 to 22. */
export type Compression =
  | { readonly compressor: 'xz' }
  | { readonly compressor: 'gzip'; readonly level: number }
  | { readonly compressor: 'zstd'; readonly level: number };

/** What a new SquashFS file is to look like. `blockSize` is a power of two, 4 KiB to 1 MiB. */
export interface SquashfsFormat {
  readonly compression: Compression;
  readonly blockSize: number;
}

/** What pvr makes: `mksquashfs -comp xz`, whose block size is 128 KiB. */
export const defaultFormat: SquashfsFormat = { compression: { compressor: 'xz' }, blockSize: 131072 };

/** The levels mksquashfs takes when none is named. */
export const defaultLevel = { gzip: 9, zstd: 15 } as const;

/** What packs blocks, and all of its parameters that `Compression` leaves open; changes whenever their bytes may. */
const encoders: Readonly<Record<Compression['compressor'], string>> = {
  xz: 'liblzma@5.8.4 text: pb 0, nice 48; binary: pb 2, nice 32',
  gzip: 'pako@2.2.0',
  zstd: '@hpcc-js/wasm-zstd@1.12.5',
};

/** Equal for two formats if, and only if, the same block has the same bytes in both. */
export function encodingId({ compression, blockSize }: SquashfsFormat): string {
  return JSON.stringify([encoders[compression.compressor], compression, blockSize]);
}
