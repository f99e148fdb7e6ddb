import path from 'node:path';
import type { ByteReader } from '../bytes/byte-reader';
import { DamagedStream } from '../damaged-stream';
import { decodeStream, outOfMemory, type Step, type StreamStruct } from './decode-stream';
import { type WasmExports, WasmLibrary } from './wasm-library';

/** The functions of libbz2 (bzlib.h) that are needed here. */
interface Libbz2 extends WasmExports {
  BZ2_bzDecompressInit(stream: number, verbosity: number, small: number): number;
  BZ2_bzDecompress(stream: number): number;
  BZ2_bzDecompressEnd(stream: number): number;
}

/** What scripts/libbz2/build.sh builds. */
const libbz2 = new WasmLibrary<Libbz2>('the bzip2 decompressor', [
  'BZ2_bzDecompressInit',
  'BZ2_bzDecompress',
  'BZ2_bzDecompressEnd',
]);

/** `bz_stream` (bzlib.h); the counts of all bytes are two fields each. */
const bzStream: StreamStruct = { nextIn: 0, availableIn: 4, nextOut: 16, availableOut: 20, size: 48 };

/** Return codes (bzlib.h). */
const ok = 0;
const streamEnd = 4;
const memoryError = -3;
const dataError = -4;
const magicError = -5;

/**
 * Decompresses bzip2 data of any number of streams, of which pbzip2 and lbzip2 write one for each block.
 *
 * @param codecs the folder that holds `libbz2.wasm`.
 * @throws DamagedStream when the data is not as it should be.
 */
export async function* decodeBzip2(
  input: ByteReader,
  codecs: string,
): AsyncGenerator<Buffer, void, undefined> {
  const library = await libbz2.instantiate(path.join(codecs, 'libbz2.wasm'));
  yield* decodeStream(input, library, bzStream, stepThroughStreams);
}

/** libbz2 itself knows of one stream only. */
function stepThroughStreams(library: Libbz2, stream: number): Step {
  let isInside = false;
  const read = (field: number) => new DataView(library.memory.buffer).getUint32(stream + field, true);

  return (isEnd, availableIn) => {
    if (!isInside) {
      if (availableIn === 0) return true;
      check(library.BZ2_bzDecompressInit(stream, 0, 0));
      isInside = true;
    }
    if (check(library.BZ2_bzDecompress(stream)) === streamEnd) {
      check(library.BZ2_bzDecompressEnd(stream));
      isInside = false;
    } else if (isEnd && read(bzStream.availableOut) > 0) {
      throw new DamagedStream('its bzip2 data ends early');
    }
    return false;
  };
}

function check(result: number): typeof ok | typeof streamEnd {
  switch (result) {
    case ok:
    case streamEnd:
      return result;
    case memoryError:
      throw outOfMemory();
    case dataError:
      throw new DamagedStream('its bzip2 data is damaged');
    case magicError:
      throw new DamagedStream('something that is no bzip2 data lies in it');
    default:
      throw new Error(`libbz2: ${result}`);
  }
}
