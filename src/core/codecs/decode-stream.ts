import { setImmediate } from 'node:timers/promises';
import type { ByteReader } from '../bytes/byte-reader';
import type { WasmExports } from './wasm-library';

/** What zlib's `z_stream` and those made after it have, by the place of the fields in the 32-bit struct. */
export interface StreamStruct {
  readonly nextIn: number;
  readonly availableIn: number;
  readonly nextOut: number;
  readonly availableOut: number;
  readonly size: number;
}

/**
 * Decodes as much as there is input and room for output.
 *
 * @param availableIn bytes; 0 only when `isEnd`, after which no more come.
 * @returns whether all has been decoded.
 * @throws DamagedStream when the data is not as it should be, or ends where it may not.
 */
export type Step = (isEnd: boolean, availableIn: number) => boolean;

/** Small, since they make a turn; bzip2 gives 10 MB in a second. */
const inputSize = 16 * 1024;
const outputSize = 64 * 1024;

/**
 * Reads a stream with a decoder of C, and only as much as is taken. After each piece, which takes a few milliseconds, everybody
 * else gets a turn.
 *
 * @param start gives the decoder that works on the struct at `stream`, which is all zero.
 */
export async function* decodeStream<E extends WasmExports>(
  input: ByteReader,
  library: E,
  struct: StreamStruct,
  start: (library: E, stream: number) => Step,
): AsyncGenerator<Buffer, void, undefined> {
  const inputBuffer = allocate(library, inputSize);
  const outputBuffer = allocate(library, outputSize);
  const stream = allocate(library, struct.size);
  new Uint8Array(library.memory.buffer, stream, struct.size).fill(0);
  const read = (field: number) => new DataView(library.memory.buffer).getUint32(stream + field, true);
  const write = (field: number, value: number) => {
    new DataView(library.memory.buffer).setUint32(stream + field, value, true);
  };

  const step = start(library, stream);
  for (let isEnd = false, isDone = false; !isDone;) {
    await setImmediate();
    if (!isEnd && read(struct.availableIn) === 0) {
      const piece = await input.some(inputSize);
      isEnd = piece === undefined;
      if (piece) new Uint8Array(library.memory.buffer).set(piece, inputBuffer);
      write(struct.nextIn, inputBuffer);
      write(struct.availableIn, piece?.length ?? 0);
    }
    write(struct.nextOut, outputBuffer);
    write(struct.availableOut, outputSize);
    isDone = step(isEnd, read(struct.availableIn));
    const size = outputSize - read(struct.availableOut);
    if (size > 0) yield Buffer.from(new Uint8Array(library.memory.buffer, outputBuffer, size));
  }
}

function allocate(library: WasmExports, size: number): number {
  const address = library.malloc(size);
  if (address === 0) throw outOfMemory();
  return address;
}

/** A library's memory has room for all that it is let do: that it can't have it is this machine's fault. */
export function outOfMemory(): Error {
  return new Error('out of memory');
}
