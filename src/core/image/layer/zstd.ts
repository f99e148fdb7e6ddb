import { Readable, pipeline, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { describeError } from '../../problem';
import type { ByteReader } from '../../bytes/byte-reader';
import { DamagedStream } from './damaged-stream';
import { zstdBlocks } from './zstd-blocks';

/** Decompresses zstd data of any number of frames. Fails with a {@link DamagedStream} where it is not as it should be. */
export function decompressZstd(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  return hasZstd(zlib) ? withNode(zlib, input) : withFzstd(input);
}

/** Node's own decompressor (22.15 and later). */
interface NodeZstd {
  createZstdDecompress(options: { readonly chunkSize: number }): Transform;
}

function hasZstd(module: object): module is NodeZstd {
  return 'createZstdDecompress' in module && typeof module.createZstdDecompress === 'function';
}

const chunkSize = 256 * 1024;

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
