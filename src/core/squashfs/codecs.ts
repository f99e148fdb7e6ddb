import { Problem } from '../problem';
import type { Decode, Encode, Lifetime } from './codec';
import type { Compression, Compressor } from './compression';
import { decodeGzip, gzipEncoder } from './gzip';
import { decodeLz4 } from './lz4';
import { loadXzDecoder, loadXzEncoder } from './xz';
import { loadZstdDecoder, loadZstdEncoder } from './zstd';

/** `directory` is the folder that holds `liblzma.wasm`. */
export async function loadEncoder(compression: Compression, directory: string): Promise<Encode> {
  switch (compression.compressor) {
    case 'xz':
      return loadXzEncoder(directory);
    case 'gzip':
      return gzipEncoder(compression.level);
    case 'zstd':
      return loadZstdEncoder(compression.level);
  }
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
  switch (compressor) {
    case 'xz':
      return loadXzDecoder(directory, lifetime);
    case 'gzip':
      return decodeGzip;
    case 'zstd':
      return loadZstdDecoder(lifetime);
    case 'lz4':
      return decodeLz4;
    case 'lzo':
    case 'lzma':
      throw new Problem({
        doing,
        found: `it is compressed with ${compressor}, which can't be read here`,
        remedy: 'Rebuild it with xz: unsquashfs it and run mksquashfs -comp xz',
      });
  }
}
