import { spawnSync } from 'node:child_process';
import * as zlib from 'node:zlib';

export type Compression = 'none' | 'gzip' | 'zstd';

/** The same input gives the same bytes, as long as it is the same Node (or the same zstd). */
export function compress(bytes: Buffer, compression: Compression): Buffer {
  switch (compression) {
    case 'none':
      return bytes;
    case 'gzip':
      return zlib.gzipSync(bytes);
    case 'zstd':
      return zstd(bytes);
  }
}

/** By the zstd program, because Node can do it only from 22.15 on. */
function zstd(bytes: Buffer): Buffer {
  const { status, stdout, error } = spawnSync('zstd', ['--stdout', '--quiet'], {
    input: bytes,
    maxBuffer: Infinity,
  });
  if (error ?? status !== 0) throw error ?? new Error(`zstd ended with ${String(status)}`);
  return stdout;
}
