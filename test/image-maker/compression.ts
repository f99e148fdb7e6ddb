import { spawnSync } from 'node:child_process';
import * as zlib from 'node:zlib';

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** The same input gives the same bytes, as long as it is the same Node, zstd, xz or bzip2. */
export function compress(bytes: Buffer, compression: Compression): Buffer {
  switch (compression) {
    case 'none':
      return bytes;
    case 'gzip':
      return zlib.gzipSync(bytes);
    // Node can do it only from 22.15 on.
    case 'zstd':
    case 'xz':
    case 'bzip2':
      return byProgram(compression, bytes);
  }
}

/** They all take the same options. */
function byProgram(program: string, input: Buffer): Buffer {
  const { status, stdout, error } = spawnSync(program, ['--stdout', '--quiet'], {
    input,
    maxBuffer: Infinity,
  });
  if (error ?? status !== 0) throw error ?? new Error(`${program} ended with ${String(status)}`);
  return stdout;
}
