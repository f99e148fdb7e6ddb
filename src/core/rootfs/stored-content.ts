import { setImmediate } from 'node:timers/promises';
import type { ByteReader } from '../bytes/byte-reader';
import type { Segment } from '../tar/sparse';
import type { CompiledPython } from './compiled-python';
import type { Hashed } from './tree';

/** Where a regular file's bytes lie in the uncompressed stream of its layer, and what they hash to. */
export interface StoredContent extends Hashed {
  /** Of the first stored byte, from the start of the stream. */
  readonly offset: number;
  /** Of a sparse file: the data, stored back to back, in ascending order; all else is zeros. */
  readonly segments?: readonly Segment[];
  /** Of a file whose name says that Python compiled it, if its bytes say so too. */
  readonly compiled?: CompiledPython;
}

/** Shared by all holes of all files: whoever gets chunks must not write to them. */
const zeros = Buffer.alloc(1 << 20);

/**
 * All bytes of a file, holes as zeros, from a reader that stands at its `offset`. Ends early where the stream does:
 * whoever reads must count or hash.
 */
export function expandedContent(
  reader: ByteReader,
  { size, segments }: { readonly size: number; readonly segments?: readonly Segment[] },
): AsyncIterable<Uint8Array> {
  return segments === undefined ? reader.take(size) : withHoles(reader, segments, size);
}

async function* withHoles(
  reader: ByteReader,
  segments: readonly Segment[],
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = 0;
  for (const { offset, length } of segments) {
    yield* hole(offset - position);
    yield* reader.take(length);
    position = offset + length;
  }
  yield* hole(size - position);
}

/** A hole may be far larger than all that is ever read; without a pause nobody could stop whoever hashes it. */
async function* hole(length: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = length; left > 0; left -= zeros.length) {
    yield left < zeros.length ? zeros.subarray(0, left) : zeros;
    await setImmediate();
  }
}
