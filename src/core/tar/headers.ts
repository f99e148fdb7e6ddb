import type { ByteString } from '../bytes/byte-string';
import { noPaxRecords, parsePax, PaxLookup } from './pax';
import { DamagedTar, type TarInput } from './tar-input';

export const blockSize = 512;

/** `size` rounded up to whole blocks, which is what it takes up in an archive. */
export function padded(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}

/** A header block with all that the extension headers before it say. */
export interface TarHeaders {
  readonly header: TarHeader;
  /** The header as it lies in the archive: old GNU sparse files keep their map in it. */
  readonly block: Buffer;
  readonly pax: PaxLookup;
  /** From GNU's own extension headers, `L` and `K`. */
  readonly longName: ByteString | undefined;
  readonly longLink: ByteString | undefined;
}

/** The next entry's headers, or undefined at the end of the archive. */
export async function readTarHeaders(input: TarInput): Promise<TarHeaders | undefined> {
  let own = noPaxRecords;
  let longName: ByteString | undefined;
  let longLink: ByteString | undefined;
  for (;;) {
    const block = await nextBlock(input);
    if (block === undefined) return undefined;
    const header = parseTarHeader(block, input.position - blockSize);
    switch (header.type) {
      case 'g': // for all entries to come, says POSIX; docker and containerd ignore it, and so is what runs there
        await extensionBody(input, header.size);
        break;
      case 'x':
      case 'X': // Solaris' own letter for the same format
        own = parsePax(await extensionBody(input, header.size));
        break;
      case 'L':
        longName = upToNul(await extensionBody(input, header.size));
        break;
      case 'K':
        longLink = upToNul(await extensionBody(input, header.size));
        break;
      default:
        return { header, block, pax: new PaxLookup(own), longName, longLink };
    }
  }
}

/** Undefined at the end: two blocks of zeros, or the end of the stream where a header could begin. */
async function nextBlock(input: TarInput): Promise<Buffer | undefined> {
  const block = await input.read(blockSize);
  if (block.length === 0) return undefined;
  if (block.length < blockSize) throw truncatedTar(input.position <= blockSize ? 'no tar' : 'cut');
  if (!isZero(block)) return block;
  if (!isZero(await input.read(blockSize))) {
    throw new DamagedTar(`has a header after an end mark at byte ${input.position - 2 * blockSize}`);
  }
  return undefined;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** Names and xattrs of one entry together; the kernel's own limits add up to far less. */
const largestExtension = 1 << 20;

async function extensionBody(input: TarInput, size: number): Promise<Buffer> {
  if (size < 0 || size > largestExtension) {
    throw new DamagedTar(`has an extended header of ${size} bytes`);
  }
  const end = input.position + size;
  const body = await input.read(size);
  await skipContent(input, end);
  return body;
}

function upToNul(body: Buffer): ByteString {
  const end = body.indexOf(0);
  return body.toString('latin1', 0, end < 0 ? body.length : end);
}

/**
 * Goes on behind a content that ends at byte `end` of the archive, and the zeros that fill up its last block. Some writers
 * leave these out, or some of them, where the archive ends; nothing is lost then, and Go's archive/tar takes it.
 */
export async function skipContent(input: TarInput, end: number): Promise<void> {
  await input.skipTo(padded(end));
  if (input.position < end) throw truncatedTar();
}

function truncatedTar(kind: 'no tar' | 'cut' = 'cut'): DamagedTar {
  return new DamagedTar('ends in the middle of an entry', kind);
}

/** The fields of one 512-byte header block, before extension headers have their say. */
export interface TarHeader {
  readonly name: ByteString;
  readonly linkName: ByteString;
  /** One character; NUL and `0` are both regular files. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
}

/**
 * Parses a header of any of the formats in the field: v7, POSIX ustar, GNU, and star's variant of ustar.
 * Formats: POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"; star(5).
 */
function parseTarHeader(block: Buffer, position: number): TarHeader {
  if (!checksumIsRight(block)) {
    const kind = position === 0 ? 'no tar' : 'damaged';
    throw new DamagedTar(`has a damaged header at byte ${position} (wrong checksum)`, kind);
  }
  const number = (offset: number, length: number, field: string): number => {
    const value = parseNumber(block.subarray(offset, offset + length));
    if (value !== undefined) return value;
    throw new DamagedTar(`has a damaged header at byte ${position} (${field} is not a number)`);
  };
  const magic = block.toString('latin1', 257, 263);
  const isUstar = magic === 'ustar\0';
  const hasDevice = isUstar || magic === 'ustar ';
  const prefix = isUstar ? ustarPrefix(block) : isGnu(block) ? oldGoPrefix(block) : '';
  const name = text(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(block, 157, 100),
    type: block.toString('latin1', 156, 157),
    mode: number(100, 8, 'the mode') & 0o7777,
    uid: number(108, 8, 'the user'),
    gid: number(116, 8, 'the group'),
    size: number(124, 12, 'the size'),
    mtime: number(136, 12, 'the time'),
    major: hasDevice ? number(329, 8, 'the device') : 0,
    minor: hasDevice ? number(337, 8, 'the device') : 0,
  };
}

/** star keeps times where ustar has the prefix's last 24 bytes. */
function ustarPrefix(block: Buffer): ByteString {
  const isStar = block.toString('latin1', 508, 512) === 'tar\0';
  return text(block, 345, isStar ? 131 : 155);
}

function isGnu(block: Buffer): boolean {
  return block.toString('latin1', 257, 265) === 'ustar  \0';
}

/**
 * GNU keeps times where ustar has its prefix, but Go before 1.8, and so docker up to 17.05, wrote a prefix all the same for a
 * long name with an owner beyond octal. So does Go's archive/tar tell it: what should be times is no number, and the prefix
 * ASCII (reader.go, readHeader; golang/go#21005).
 */
function oldGoPrefix(block: Buffer): ByteString {
  const times = [block.subarray(345, 357), block.subarray(357, 369)];
  if (times.every((time) => time[0] === 0 || parseNumber(time) !== undefined)) return '';
  const prefix = text(block, 345, 155);
  return /^[\x01-\x7f]+$/.test(prefix) ? prefix : '';
}

/** The bytes of a field up to its first NUL, if there is one. */
function text(block: Buffer, offset: number, length: number): ByteString {
  const end = block.indexOf(0, offset);
  return block.toString('latin1', offset, end < 0 || end > offset + length ? offset + length : end);
}

/**
 * A numeric field: octal digits among spaces and NULs, or, where the top bit of the first byte is set, GNU's base-256
 * two's complement. Blank is 0; undefined is nonsense or beyond what a double holds exactly.
 */
export function parseNumber(field: Buffer): number | undefined {
  const [first = 0] = field;
  return (first & 0x80) === 0 ? parseOctal(field) : parseBase256(field, first);
}

const space = 0x20;
const digit0 = 0x30;

/** Spaces or NULs may lead, and whatever follows a NUL behind the digits doesn't count: so does Go's archive/tar read it. */
function parseOctal(field: Buffer): number | undefined {
  let at = 0;
  while (field[at] === space || field[at] === 0) at += 1;
  let value = 0;
  for (let digit = octalDigit(field[at]); digit !== undefined; digit = octalDigit(field[at])) {
    value = value * 8 + digit;
    at += 1;
  }
  if (field[at] === 0) return safe(value);
  for (; at < field.length; at += 1) if (field[at] !== space && field[at] !== 0) return undefined;
  return safe(value);
}

function octalDigit(byte: number | undefined): number | undefined {
  const digit = (byte ?? 0) - digit0;
  return digit >= 0 && digit < 8 ? digit : undefined;
}

function parseBase256(field: Buffer, first: number): number | undefined {
  const negative = (first & 0x40) !== 0;
  // The marker bit is not part of the number: 0x80 starts a positive one, 0xff a negative one.
  let value = BigInt(negative ? first - 0x100 : first & 0x7f);
  for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
  return safe(Number(value));
}

function safe(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

/** The sum of all bytes with the checksum field taken as spaces; old tars summed signed bytes, so either counts. */
function checksumIsRight(block: Buffer): boolean {
  const expected = parseNumber(block.subarray(148, 156));
  let unsigned = 8 * 0x20;
  let signed = unsigned;
  for (let at = 0; at < blockSize; at += 1) {
    if (at >= 148 && at < 156) continue;
    const byte = block[at] ?? 0;
    unsigned += byte;
    signed += byte > 0x7f ? byte - 0x100 : byte;
  }
  return expected === unsigned || expected === signed;
}
