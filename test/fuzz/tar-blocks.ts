import type { Random } from '../device-view/random';
import { blockSize, withChecksum } from '../image-maker/tar-header';
import { varyBytes } from './vary-bytes';

/** Where the fields of a header lie, and how long they are (POSIX.1-2017 pax, "ustar Interchange Format"). */
const headerFields = [
  [0, 100],
  [100, 8],
  [108, 8],
  [116, 8],
  [124, 12],
  [136, 12],
  [156, 1],
  [157, 100],
  [257, 8],
  [329, 8],
  [337, 8],
  [345, 155],
  // GNU's old sparse map, and the size behind it.
  [386, 96],
  [482, 1],
  [483, 12],
] as const;

const types = '\x000123456789gxLKSVXAMND';

/** Changes headers of a tar archive and makes their checksums right again; otherwise any byte. */
export function varyTar(tar: Buffer, others: readonly Buffer[], random: Random): Buffer {
  if (random.chance(0.2)) return varyBytes(tar, others, random);
  let bytes: Buffer = Buffer.from(tar);
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const headers = headersOf(bytes);
    const at = random.pickFrom(headers);
    if (at === undefined) return varyBytes(bytes, others, random);
    const choice = random.below(10);
    const next = headers[headers.indexOf(at) + 1] ?? bytes.length;
    if (choice === 0) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(next)]);
    else if (choice === 1) bytes = Buffer.concat([bytes.subarray(0, next), bytes.subarray(at)]);
    else if (choice === 2) bytes = withPartOf(bytes, at, others, random);
    else if (choice === 3) varyBody(bytes, at + blockSize, next, random);
    else varyHeader(bytes.subarray(at, at + blockSize), random);
  }
  return bytes.subarray(0, 512 * 1024);
}

/** Where headers seem to lie: blocks with a right checksum. */
export function headersOf(tar: Buffer): readonly number[] {
  const headers: number[] = [];
  for (let at = 0; at + blockSize <= tar.length; at += blockSize) {
    const block = tar.subarray(at, at + blockSize);
    const mayBe = /^[0-7]{6}/.test(block.toString('latin1', 148, 154));
    if (mayBe && withChecksum(Buffer.from(block)).equals(block)) headers.push(at);
  }
  return headers;
}

function varyHeader(block: Buffer, random: Random): void {
  const [at, length] = random.pickFrom(headerFields) ?? [0, 100];
  const field = block.subarray(at, at + length);
  const isNumber = length === 8 || length === 12;
  if (at === 156) field.write(types.charAt(random.below(types.length)), 'latin1');
  else if (isNumber && random.chance(0.7)) writeHostileNumber(field, random);
  else if (length >= 100 && random.chance(0.5)) writeHostileName(field, random);
  else varyBytes(field, [], random).copy(field);
  withChecksum(block);
}

function writeHostileNumber(field: Buffer, random: Random): void {
  const octal = random.pick(['0', '1', '777', '1777', '77777777777', '7777777', '-1', '8', 'x', ' 1 ', '']);
  field.fill(0);
  if (random.chance(0.7)) field.write(octal.slice(0, field.length), 'latin1');
  else field.fill(random.pick([0x80, 0xff, 0x7f, 0x20]), 0, 1 + random.below(field.length));
}

const names = [
  '',
  '.',
  '..',
  '/',
  '../x',
  '/etc/passwd',
  'a/../../b',
  './',
  'a//b',
  '.wh.',
  '.wh..',
  '.wh..wh..opq',
  'a/.wh.b',
  'etc',
  'etc/',
  'bin',
];

function writeHostileName(field: Buffer, random: Random): void {
  const name = random.pickFrom(names) ?? '';
  field.fill(0);
  field.write(random.chance(0.1) ? 'x/'.repeat(78) : name, 'latin1');
}

function varyBody(bytes: Buffer, start: number, end: number, random: Random): void {
  const body = bytes.subarray(start, end);
  varyBytes(body, [], random).copy(body);
}

/** An entry of another archive before the one at `at`. */
function withPartOf(tar: Buffer, at: number, others: readonly Buffer[], random: Random): Buffer {
  const other = random.pickFrom(others) ?? tar;
  const headers = headersOf(other);
  const from = random.pickFrom(headers) ?? 0;
  const to = headers[headers.indexOf(from) + 1] ?? other.length;
  return Buffer.concat([tar.subarray(0, at), other.subarray(from, to), tar.subarray(at)]);
}

/** The plain files of a sound archive, by name. */
export function filesIn(tar: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const at of headersOf(tar)) {
    const text = (start: number, length: number) =>
      tar.toString('latin1', at + start, at + start + length).replace(/\0.*/s, '');
    const size = parseInt(text(124, 12), 8) || 0;
    const content = tar.subarray(at + blockSize, at + blockSize + size);
    if (text(156, 1) === '0') files.set(text(0, 100), content);
  }
  return files;
}
