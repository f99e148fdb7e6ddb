import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { createGunzip } from 'node:zlib';
import { ByteReader } from '../bytes/byte-reader';
import { decodeBzip2 } from '../codecs/bzip2';
import { decodeXz } from '../codecs/xz';
import { DamagedStream } from '../damaged-stream';
import { describeError, Problem } from '../problem';
import { startsZstd, zstdBlocks } from './layer/zstd-blocks';

/** How bytes are compressed. */
export type StreamCompression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** Enough for {@link compressionOf}. */
export const magicLength = 6;

/** What the first {@link magicLength} bytes say; media types often say something else. */
export function compressionOf(start: Buffer): StreamCompression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  if (startsZstd(start)) return 'zstd';
  if (start.toString('latin1', 0, 6) === '\xfd7zXZ\0') return 'xz';
  if (start.toString('latin1', 0, 3) === 'BZh') return 'bzip2';
  return 'none';
}

/**
 * The uncompressed bytes of a stream that may be compressed with gzip (any number of members), zstd (any number of frames), xz
 * or bzip2 (any number of streams), or not at all. Only as much is decompressed as the reader takes.
 *
 * @param codecs the folder that holds `liblzma.wasm` and `libbz2.wasm`.
 * @param doing what a Problem says was being done: `reading the layer sha256:12ab…`.
 * @throws Problem when the data is damaged, or wants more memory than it may; whatever the stream throws.
 */
export async function* decompressed(
  stored: AsyncIterable<Uint8Array>,
  codecs: string,
  doing: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const input = new ByteReader(stored);
  try {
    const compression = compressionOf(await input.peek(magicLength));
    switch (compression) {
      case 'none':
        yield* input.take();
        break;
      case 'gzip':
        yield* decompressGzip(input);
        break;
      case 'zstd':
        yield* decompressZstd(input);
        break;
      case 'xz':
        yield* decodeXz(input, codecs);
        break;
      case 'bzip2':
        yield* decodeBzip2(input, codecs);
        break;
    }
  } catch (error) {
    if (!(error instanceof DamagedStream)) throw error;
    throw new Problem({
      doing,
      found: error.message,
      remedy: error.remedy ?? 'Download or make the image again; this copy is damaged',
      cause: error,
    });
  } finally {
    await input.close();
  }
}

const chunkSize = 256 * 1024;

async function* decompressGzip(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  const output = createGunzip({ chunkSize });
  pipeline(Readable.from(input.take(), { objectMode: false }), output, () => undefined);
  try {
    for await (const chunk of output) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    const isZlibs = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    throw isZlibs ? new DamagedStream(`its gzip data is damaged (${error.message})`) : error;
  }
}

/** Decompresses zstd data of any number of frames. Fails with a {@link DamagedStream} where it is not as it should be. */
function decompressZstd(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  return hasZstd(zlib) ? withNode(zlib, input) : withFzstd(input);
}

/** Node's own decompressor (22.15 and later). */
interface NodeZstd {
  createZstdDecompress(options: { readonly chunkSize: number }): Transform;
}

function hasZstd(module: object): module is NodeZstd {
  return 'createZstdDecompress' in module && typeof module.createZstdDecompress === 'function';
}

async function* withNode(node: NodeZstd, input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  const output = node.createZstdDecompress({ chunkSize });
  pipeline(Readable.from(zstdBlocks(input)), output, () => undefined);
  try {
    for await (const chunk of output) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    const isZstds = error instanceof Error && 'code' in error && String(error.code).startsWith('ZSTD_');
    throw isZstds ? new DamagedStream(`its zstd data is damaged (${error.message})`) : error;
  }
}

async function* withFzstd(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  const { Decompress } = await import('fzstd');
  const ready: Uint8Array[] = [];
  const decompress = new Decompress((chunk) => ready.push(chunk));
  const push = (block: Uint8Array, isLast: boolean) => {
    try {
      decompress.push(block, isLast);
    } catch (error) {
      throw new DamagedStream(`its zstd data is damaged (${describeError(error)})`);
    }
    return ready.splice(0);
  };
  for await (const block of zstdBlocks(input)) yield* push(block, false);
  yield* push(new Uint8Array(), true);
}
