import { blockSize, parseNumber } from './headers';
import { paxCount, type PaxLookup } from './pax';
import { DamagedTar, type TarInput } from './tar-input';

/** A run of data inside a sparse file: `length` bytes that belong at `offset`. */
export interface Segment {
  readonly offset: number;
  readonly length: number;
}

/** How many bytes an archive holds of a file of `size` bytes. */
export function storedSize({ size, segments }: { size: number; segments?: readonly Segment[] }): number {
  return segments === undefined ? size : segments.reduce((sum, { length }) => sum + length, 0);
}

/** A sparse file as the archive describes it: its real size, and the data in it. */
export interface SparseFile {
  readonly size: number;
  readonly segments: readonly Segment[];
}

/** No file of a container image has more holes; more would be an attempt to fill the memory. */
const mostSegments = 1_000_000;

/**
 * The three PAX ways of describing a sparse file (GNU tar manual, "Sparse Formats"), or undefined of a plain file.
 * Format 1.0 keeps its map before the data: the input must stand there, and stands at the data afterwards.
 */
export async function paxSparseFile(
  pax: PaxLookup,
  input: TarInput,
  archivedSize: number,
): Promise<SparseFile | undefined> {
  const major = pax.get('GNU.sparse.major');
  if (major !== undefined) {
    const minor = pax.get('GNU.sparse.minor') ?? '';
    if (major === '1' && minor === '0') return await version10(pax, input, archivedSize);
    if (major !== '0') throw new DamagedTar(`has a sparse file of an unknown format, ${major}.${minor}`);
  }
  const size = pax.count('GNU.sparse.size');
  if (size === undefined) return undefined;
  const map = pax.get('GNU.sparse.map');
  const numbers = map === undefined ? pax.sparseNumbers : map.split(',');
  return checked(size, segmentsFrom(numbers.map(paxCount)), archivedSize);
}

/** Decimal lines, `count` and then an offset and a length for each, padded to a whole block. */
async function version10(pax: PaxLookup, input: TarInput, archivedSize: number): Promise<SparseFile> {
  const size = pax.count('GNU.sparse.realsize');
  if (size === undefined) throw new DamagedTar('has a sparse file without its size');
  const mapStart = input.position;
  let unfinished = '';
  const numbers: number[] = [];
  let expected = 1;
  while (numbers.length < expected) {
    const block = await input.read(blockSize);
    if (block.length < blockSize || input.position - mapStart > archivedSize) throw badMap();
    const lines = (unfinished + block.toString('latin1')).split('\n');
    unfinished = lines.pop() ?? '';
    if (unfinished.length > blockSize) throw badMap();
    for (const line of lines) {
      numbers.push(paxCount(line));
      expected = 1 + 2 * (numbers[0] ?? 0);
      if (expected > 1 + 2 * mostSegments) throw badMap();
      if (numbers.length === expected) break;
    }
  }
  return checked(size, segmentsFrom(numbers.slice(1)), archivedSize - (input.position - mapStart));
}

const inHeader = { offset: 386, count: 4, extended: 482, realSize: 483 };
const perExtension = 21;
const numberSize = 12;

/** The old GNU way, type `S`: four segments in the header, and more in as many blocks as follow it. */
export async function gnuSparseFile(
  header: Buffer,
  input: TarInput,
  archivedSize: number,
): Promise<SparseFile> {
  const size = sparseNumber(header, inHeader.realSize);
  const numbers = sparseNumbers(header, inHeader.offset, inHeader.count);
  let extended = header[inHeader.extended] !== 0;
  while (extended) {
    const block = await input.read(blockSize);
    if (block.length < blockSize || numbers.length > 2 * mostSegments) throw badMap();
    numbers.push(...sparseNumbers(block, 0, perExtension));
    extended = block[perExtension * 2 * numberSize] !== 0;
  }
  return checked(size, segmentsFrom(numbers), archivedSize);
}

/** An empty slot ends the list. */
function sparseNumbers(block: Buffer, start: number, count: number): number[] {
  const numbers: number[] = [];
  for (let at = start; at < start + count * 2 * numberSize; at += 2 * numberSize) {
    if (block[at + numberSize] === 0) break;
    numbers.push(sparseNumber(block, at), sparseNumber(block, at + numberSize));
  }
  return numbers;
}

function sparseNumber(block: Buffer, at: number): number {
  const value = parseNumber(block.subarray(at, at + numberSize));
  if (value === undefined || value < 0) throw badMap();
  return value;
}

/** Empty segments are left out: GNU tar ends a file that ends in a hole with one. */
function segmentsFrom(numbers: readonly number[]): Segment[] {
  if (numbers.length % 2 !== 0) throw badMap();
  const segments: Segment[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    const [offset = 0, length = 0] = numbers.slice(at, at + 2);
    if (length > 0) segments.push({ offset, length });
  }
  return segments;
}

function checked(size: number, segments: readonly Segment[], archivedSize: number): SparseFile {
  let end = 0;
  for (const { offset, length } of segments) {
    if (offset < end) throw badMap();
    end = offset + length;
  }
  if (segments.length > mostSegments || end > size || storedSize({ size, segments }) !== archivedSize) {
    throw badMap();
  }
  return { size, segments };
}

function badMap(): Error {
  return new DamagedTar('has a sparse file whose map makes no sense');
}
