import path from 'node:path';
import type { ByteReader } from '../bytes/byte-reader';
import { DamagedStream } from '../damaged-stream';
import { decodeStream, outOfMemory, type StreamStruct } from './decode-stream';
import { liblzma, lzmaResult } from './liblzma';

/** `lzma_stream` (lzma/base.h); the counts of all bytes are 64 bits wide. */
const lzmaStream: StreamStruct = { nextIn: 0, availableIn: 4, nextOut: 16, availableOut: 20, size: 88 };

/** lzma/container.h: streams may follow each other, with zeros between and after them. */
const concatenated = 0x08;

/** Actions (lzma/base.h). */
const run = 0;
const finish = 3;

/** `xz -9` has a dictionary of 64 MiB, whose decoder needs 65; the next larger one would be of 96. */
const memoryLimit = 80n * 1024n * 1024n;

/**
 * Decompresses xz data of any number of streams.
 *
 * @param codecs the folder that holds `liblzma.wasm`.
 * @throws DamagedStream when the data is not as it should be, or needs more memory than what `xz -9` makes.
 */
export async function* decodeXz(input: ByteReader, codecs: string): AsyncGenerator<Buffer, void, undefined> {
  const instance = await liblzma.instantiate(path.join(codecs, 'liblzma.wasm'));
  yield* decodeStream(input, instance, lzmaStream, (library, stream) => {
    const failed = library.lzma_stream_decoder(stream, memoryLimit, concatenated);
    if (failed !== lzmaResult.ok) throw failure(failed);
    return (isEnd) => {
      const result = library.lzma_code(stream, isEnd ? finish : run);
      if (result !== lzmaResult.ok && result !== lzmaResult.streamEnd) throw failure(result);
      return result === lzmaResult.streamEnd;
    };
  });
}

function failure(result: number): Error {
  switch (result) {
    case lzmaResult.memoryError:
      return outOfMemory();
    case lzmaResult.memoryLimitError:
      return new DamagedStream('its xz data needs more memory to unpack it than what xz -9 makes', {
        remedy: 'Compress it again, with xz -9 at most',
      });
    case lzmaResult.optionsError:
      return new DamagedStream('its xz data has filters or fields that this program does not know', {
        remedy: 'Compress it again, with the xz program and no filters of your own',
      });
    case lzmaResult.formatError:
    case lzmaResult.dataError:
      return new DamagedStream('its xz data is damaged, or something else follows it');
    case lzmaResult.bufferError:
      return new DamagedStream('its xz data ends early');
    default:
      return new Error(`liblzma: ${result}`);
  }
}
