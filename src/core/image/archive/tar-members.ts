import path from 'node:path';
import { DamagedStream } from '../layer/damaged-stream';

/** Where a tar archive is read from, front to back. */
export interface TarInput {
  readonly position: number;
  /** The next `length` bytes; fewer only at the end. */
  read(length: number): Promise<Buffer>;
  /** Goes on to `position`, or to the end if that comes first. */
  skipTo(position: number): Promise<void>;
}

/** Names are normalised, without a leading slash, and never lead out of the archive. */
export type TarMember =
  | { readonly kind: 'file'; readonly name: string; readonly size: number; readonly offset: number }
  /** A symbolic or hard link to another member. */
  | { readonly kind: 'link'; readonly name: string; readonly target: string };

const blockSize = 512;
/** Image archives hold three members for a layer; this bounds what a hostile one can make of memory. */
const mostMembers = 100_000;
const largestExtension = 64 * 1024;

/**
 * The files and links of a tar archive, as `docker save`, podman, skopeo and buildx write them: ustar with the extensions
 * of pax and GNU for long names and large sizes. While a file is yielded, `input` stands at its content.
 *
 * Layers are another matter: `rootfs/` reads them with all that a file system can hold.
 *
 * @throws DamagedStream when it is no tar archive, or ends early.
 */
export async function* readTarMembers(input: TarInput): AsyncGenerator<TarMember, void, undefined> {
  let extended: Extended = {};
  for (let members = 0; members < mostMembers;) {
    const header = await readHeader(input);
    if (header === undefined) return;
    const size = extended.size ?? header.size;
    const end = input.position + Math.ceil(size / blockSize) * blockSize;
    if (isExtension(header.type)) {
      extended = { ...extended, ...(await readExtension(input, header)) };
    } else {
      const member = memberOf({ ...header, ...extended, size }, input.position);
      if (member !== undefined) yield member;
      extended = {};
      members += 1;
    }
    await input.skipTo(end);
    if (input.position < end) throw new DamagedStream('it ends early');
  }
  throw new DamagedStream(`it has more than ${mostMembers} files`);
}

interface Header {
  readonly name: string;
  readonly linkName: string;
  readonly type: string;
  readonly size: number;
}

/** What extension headers say about the member that follows. */
type Extended = Partial<Pick<Header, 'name' | 'linkName' | 'size'>>;

/** undefined at the end of the archive; some writers leave its mark out. */
async function readHeader(input: TarInput): Promise<Header | undefined> {
  const block = await input.read(blockSize);
  if (block.length === 0 || block.every((byte) => byte === 0)) return undefined;
  const isWhole = block.length === blockSize;
  if (!isWhole && input.position > blockSize) throw new DamagedStream('it ends early');
  if (!isWhole || !isChecksumRight(block))
    throw new DamagedStream('it is not a tar archive, or a damaged one');
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(block, 157, 100),
    type: block.toString('latin1', 156, 157),
    size: parseNumber(block.subarray(124, 136)),
  };
}

function isExtension(type: string): boolean {
  return 'xgLK'.includes(type);
}

async function readExtension(input: TarInput, { type, size }: Header): Promise<Extended> {
  if (size > largestExtension) throw new DamagedStream(`it has a header of ${size} bytes`);
  const body = await input.read(size);
  switch (type) {
    case 'L':
      return { name: text(body, 0, body.length) };
    case 'K':
      return { linkName: text(body, 0, body.length) };
    case 'x':
      return parsePax(body);
    default:
      // Global records: none of them is about names or sizes.
      return {};
  }
}

/** `"%d %s=%s\n"` records, the number counting the whole record (POSIX.1-2017 pax, "pax Extended Header"). */
function parsePax(body: Buffer): Extended {
  let extended: Extended = {};
  for (let at = 0; at < body.length;) {
    const record = /^([1-9]\d{0,6}) ([^=]+)=/.exec(body.toString('latin1', at, at + 300));
    const length = Number(record?.[1] ?? NaN);
    if (record?.[2] === undefined || !(at + length <= body.length)) {
      throw new DamagedStream('it has a damaged extended header');
    }
    const value = body.toString('utf8', at + record[0].length, at + length - 1);
    if (record[2] === 'path') extended = { ...extended, name: value };
    if (record[2] === 'linkpath') extended = { ...extended, linkName: value };
    if (record[2] === 'size') extended = { ...extended, size: parseDecimal(value) };
    at += length;
  }
  return extended;
}

function memberOf({ name, linkName, type, size }: Header, offset: number): TarMember | undefined {
  const normal = normalize(name);
  if (normal === undefined) throw new DamagedStream(`it has a file whose name leads out of it`);
  switch (type) {
    case '\0':
    case '0':
    case '7':
      return { kind: 'file', name: normal, size, offset };
    case '1':
    case '2': {
      // A hard link's target is a name in the archive; a symbolic one starts from where the link lies.
      const target = normalize(
        type === '1' ? linkName : path.posix.join(path.posix.dirname(normal), linkName),
      );
      if (target === undefined) throw new DamagedStream('it has a link that leads out of it');
      return { kind: 'link', name: normal, target };
    }
    default:
      return undefined;
  }
}

/** undefined for a name that leads out of the archive. */
function normalize(name: string): string | undefined {
  const normal = path.posix.normalize(name).replace(/^\/+/, '');
  return normal === '..' || normal.startsWith('../') ? undefined : normal;
}

function text(bytes: Buffer, offset: number, length: number): string {
  const field = bytes.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}

/** Octal digits, or GNU's base 256 where the first bit is set (GNU tar manual, "Extensions to the archive format"). */
function parseNumber(field: Buffer): number {
  if ((field.readUInt8() & 0x80) === 0) {
    const digits = field.toString('latin1').replaceAll(/[\0 ]+/g, '');
    if (/^[0-7]*$/.test(digits)) return parseInt(digits || '0', 8);
  } else {
    const value = Number(field.readBigUInt64BE(field.length - 8));
    if (Number.isSafeInteger(value)) return value;
  }
  throw new DamagedStream('it has a size that is no number');
}

function parseDecimal(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number)) return number;
  throw new DamagedStream('it has a size that is no number');
}

/** The sum of all bytes, with the field of the sum itself as spaces. */
function isChecksumRight(block: Buffer): boolean {
  const expected = /^[ \0]*([0-7]+)/.exec(block.toString('latin1', 148, 156))?.[1];
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  return expected !== undefined && parseInt(expected, 8) === sum;
}
