import { Problem } from '../problem';
import type { Decode, Encode, Lifetime, WritableCompressor } from './compressors/compressor';
import { gzip } from './compressors/gzip';
import { lz4 } from './compressors/lz4';
import { xz } from './compressors/xz';
import { zstd } from './compressors/zstd';

/** All that a SquashFS file can be compressed with, each by what can be done with it here. */
const writable = [xz, gzip, zstd] as const;
const readable = [...writable, lz4] as const;
const compressors = [...readable, { name: 'lzma', id: 2 }, { name: 'lzo', id: 3 }] as const;

export type Compressor = (typeof compressors)[number]['name'];

type ParametersOf<K> = K extends WritableCompressor<infer C> ? C : never;
/** How blocks can be compressed here. */
export type Compression = ParametersOf<(typeof writable)[number]>;

export function compressorById(id: number): Compressor | undefined {
  return compressors.find((one) => one.id === id)?.name;
}

export function compressorId(compressor: Compressor): number {
  return found(compressors.find(({ name }) => name === compressor)).id;
}

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

/** What is to follow the superblock of a file that is compressed so, if anything. */
export function compressorOptions(compression: Compression): Buffer | undefined {
  return writerOf(compression).writeOptions(compression);
}
