import type { ByteReader } from '../../bytes/byte-reader';
import { DamagedStream } from '../../damaged-stream';

const frameMagic = 0xfd2fb528;
const firstSkippableMagic = 0x184d2a50;

/** What `zstd --long` uses, and the most that libzstd's streams and so all container tools accept (RFC 8878, 5.6). */
const largestWindow = 128 * 1024 * 1024;
/** RFC 8878, 3.1.1.2.4. */
const largestBlock = 128 * 1024;

/**
 * Takes zstd data (RFC 8878, 3.1) apart: frame headers, blocks with their headers, checksums, each as a chunk of its own;
 * skippable frames are left out.
 *
 * Decoders need that. Node's loses all that follows the end of a frame in the same chunk (nodejs/node#64741), and does not
 * mind when the last frame is cut short; `fzstd` decodes all of a chunk at once, and a chunk of 64 KiB can hold 2 GiB.
 */
export async function* zstdBlocks(input: ByteReader): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const magic = await input.read(4);
    if (magic.length === 0) return;
    if (magic.length < 4) throw endsEarly();
    const number = magic.readUInt32LE();
    if (number === frameMagic) yield* frame(magic, input);
    else if (isSkippable(number)) await skipFrame(input);
    else throw new DamagedStream('something that is no zstd frame lies in it');
  }
}

/** Whether bytes are the start of zstd data. */
export function startsZstd(start: Buffer): boolean {
  if (start.length < 4) return false;
  const number = start.readUInt32LE();
  return number === frameMagic || isSkippable(number);
}

function isSkippable(magic: number): boolean {
  return magic >= firstSkippableMagic && magic <= firstSkippableMagic + 15;
}

async function skipFrame(input: ByteReader): Promise<void> {
  const size = (await exactly(input, 4)).readUInt32LE();
  const end = input.position + size;
  await input.skipTo(end);
  if (input.position < end) throw endsEarly();
}

async function* frame(magic: Buffer, input: ByteReader): AsyncGenerator<Buffer, void, undefined> {
  const descriptor = await exactly(input, 1);
  const flags = descriptor.readUInt8();
  const isSingleSegment = (flags & 0x20) !== 0;
  const windowBytes = isSingleSegment ? 0 : 1;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
  const contentSizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const rest = await exactly(input, windowBytes + dictionaryBytes + contentSizeBytes);
  const contentSize = rest.subarray(windowBytes + dictionaryBytes);
  const window = isSingleSegment ? contentSizeOf(contentSize) : windowSizeOf(rest.readUInt8());
  if (window > largestWindow) {
    throw new DamagedStream(
      `zstd needs ${window} bytes of memory to unpack it, and ${largestWindow} is the limit`,
    );
  }
  yield Buffer.concat([magic, descriptor, rest]);

  for (let isLast = false; !isLast;) {
    const header = await exactly(input, 3);
    const fields = header.readUIntLE(0, 3);
    isLast = (fields & 1) !== 0;
    const isRunLength = ((fields >> 1) & 3) === 1;
    const size = fields >> 3;
    if (size > largestBlock) throw new DamagedStream('its zstd data has a block larger than blocks can be');
    yield Buffer.concat([header, await exactly(input, isRunLength ? 1 : size)]);
  }
  const hasChecksum = (flags & 4) !== 0;
  if (hasChecksum) yield await exactly(input, 4);
}

/** RFC 8878, 3.1.1.1.2. */
function windowSizeOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** RFC 8878, 3.1.1.1.4; little-endian, and two bytes count from 256 on. */
function contentSizeOf(bytes: Buffer): number {
  switch (bytes.length) {
    case 2:
      return bytes.readUInt16LE() + 256;
    case 8:
      return Number(bytes.readBigUInt64LE());
    default:
      return bytes.readUIntLE(0, bytes.length);
  }
}

async function exactly(input: ByteReader, length: number): Promise<Buffer> {
  const bytes = await input.read(length);
  if (bytes.length < length) throw endsEarly();
  return bytes;
}

function endsEarly(): DamagedStream {
  return new DamagedStream('its zstd data ends early');
}
