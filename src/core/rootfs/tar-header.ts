import type { ByteString } from './byte-string';
import { layerProblem } from './layer-problem';

export const blockSize = 512;

/** `size` rounded up to whole blocks, which is what it takes up in an archive. */
export function padded(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
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
export function parseTarHeader(block: Buffer, position: number): TarHeader {
  if (!checksumIsRight(block)) {
    throw layerProblem(`its tar archive has a damaged header at byte ${position} (wrong checksum)`);
  }
  const number = (offset: number, length: number, field: string): number => {
    const value = parseNumber(block.subarray(offset, offset + length));
    if (value !== undefined) return value;
    throw layerProblem(`its tar archive has a damaged header at byte ${position} (${field} is not a number)`);
  };
  const magic = block.toString('latin1', 257, 263);
  const isUstar = magic === 'ustar\0';
  const hasDevice = isUstar || magic === 'ustar ';
  // star keeps times where ustar has the prefix's last 24 bytes, GNU keeps other things in all of it.
  const isStar = isUstar && block.toString('latin1', 508, 512) === 'tar\0';
  const prefix = isUstar ? text(block, 345, isStar ? 131 : 155) : '';
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
