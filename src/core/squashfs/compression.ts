import { Problem } from '../problem';
import type { Decode, Encode, Lifetime, WritableCompressor } from './compressors/compressor';
import { gzip } from './compressors/gzip';
import { lz4 } from './compressors/lz4';
import { readUnwritableFilters, xz } from './compressors/xz';
import { zstd } from './compressors/zstd';
import { type Compressor, metadataStoredBit, superblockFlags, superblockSize } from './format';
import type { SourceFile } from './source-file';
import type { Superblock } from './superblock';

/** What can be done here with the compressors of SquashFS files. */
const writable = [xz, gzip, zstd] as const;
const readable = [...writable, lz4] as const;

type ParametersOf<K> = K extends WritableCompressor<infer C> ? C : never;
/** How blocks can be compressed here. */
export type Compression = ParametersOf<(typeof writable)[number]>;

/** Those that files can be written with, by name, pvr's own first. */
export const writableCompressors: ReadonlyMap<string, WritableCompressor<Compression>> = new Map(
  writable.map((one) => [one.name, one]),
);

function writerOf({ compressor }: Compression): WritableCompressor<Compression> {
  return found(writableCompressors.get(compressor));
}

/** By a name whose type has those that are there alone. */
function found<T>(one: T | undefined): T {
  if (one === undefined) throw new RangeError('a compressor that is none');
  return one;
}

/** What a new SquashFS file is to look like. `blockSize` is a power of two, 4 KiB to 1 MiB. */
export interface SquashfsFormat {
  readonly compression: Compression;
  readonly blockSize: number;
}

/** What pvr makes: `mksquashfs -comp xz`, whose block size is 128 KiB. */
export const defaultFormat: SquashfsFormat = { compression: { compressor: 'xz' }, blockSize: 131072 };

/** Equal for two formats if, and only if, the same block has the same bytes in both. */
export function encodingId({ compression, blockSize }: SquashfsFormat): string {
  return JSON.stringify([writerOf(compression).encoder, compression, blockSize]);
}

/** `directory` is the folder that holds `liblzma.wasm`. */
export async function loadEncoder(compression: Compression, directory: string): Promise<Encode> {
  return writerOf(compression).loadEncoder(compression, directory);
}

/**
 * `directory` is the folder that holds `liblzma.wasm`; `doing` begins the `Problem` for a compressor that can't be read.
 */
export async function loadDecoder(
  compressor: Compressor,
  directory: string,
  doing: string,
  lifetime: Lifetime = 'own',
): Promise<Decode> {
  const reader = readable.find(({ name }) => name === compressor);
  if (reader !== undefined) return reader.loadDecoder(directory, lifetime);
  throw new Problem({
    doing,
    found: `it is compressed with ${compressor}, which can't be read here`,
    remedy: 'Rebuild it with xz: unsquashfs it and run mksquashfs -comp xz',
  });
}

/** How the metadata of a file is compressed whose contents are compressed so. */
export function compressionOfMetadata(compression: Compression): Compression {
  return writerOf(compression).forMetadata?.(compression) ?? compression;
}

/** What is to follow the superblock of a file in this format, if anything. */
export function compressorOptions({ compression, blockSize }: SquashfsFormat): Buffer | undefined {
  return writerOf(compression).writeOptions(compression, blockSize);
}

/** How an existing file is compressed, as far as it says so. */
export interface Packing {
  /** How to compress like it: its options are mksquashfs's defaults where it names none; xz where it can't be written here. */
  readonly compression: Compression;
  /** Filters of xz that it was packed with, and that nothing is packed with here, as mksquashfs calls them: `riscv`. */
  readonly unwritableFilters: readonly string[];
}

export async function readPacking(source: SourceFile, superblock: Superblock): Promise<Packing> {
  const compressor = writableCompressors.get(superblock.compressor);
  if (compressor === undefined) return { compression: defaultFormat.compression, unwritableFilters: [] };
  const options = await readCompressorOptions(source, superblock);
  return {
    compression: compressor.readOptions(options),
    unwritableFilters: superblock.compressor === 'xz' ? readUnwritableFilters(options) : [],
  };
}

/** They lie behind the superblock in a metadata block that is stored as it is. Not all of them where the file ends before. */
async function readCompressorOptions(
  source: SourceFile,
  { flags, bytesUsed }: Superblock,
): Promise<Buffer | undefined> {
  const start = superblockSize + 2;
  if ((flags & superblockFlags.compressorOptions) === 0 || start > bytesUsed) return undefined;
  const header = (await source.read(superblockSize, 2)).readUInt16LE();
  if ((header & metadataStoredBit) === 0) return undefined;
  return source.read(start, Math.min(header - metadataStoredBit, bytesUsed - start));
}
