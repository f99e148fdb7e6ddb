import type { ByteString } from '../../src/core/bytes/byte-string';

export const blockSize = 512;

/** `ustar` is POSIX' format, which pax extends; `gnu` is GNU tar's own. */
export type Dialect = 'ustar' | 'gnu';

export interface HeaderFields {
  readonly name: ByteString;
  readonly linkName: ByteString;
  /** One character. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
}

export const emptyHeader: HeaderFields = {
  name: '',
  linkName: '',
  type: '0',
  mode: 0,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  major: 0,
  minor: 0,
};

/** Bytes of the fields for names; in ustar, what stands before some slash can go to a field of its own. */
export const nameLength = 100;
const prefixLength = 155;

/** What seven octal digits hold; a user or group beyond needs an extension in ustar. */
export const largestId = 0o7777777;

/**
 * One block (POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"). Names that don't fit are
 * cut off.
 */
export function headerBlock(fields: HeaderFields, dialect: Dialect): Buffer {
  const block = Buffer.alloc(blockSize);
  const { prefix, name } = splitName(fields.name, dialect);
  block.write(name, 0, nameLength, 'latin1');
  writeNumber(block, 100, 8, fields.mode);
  writeNumber(block, 108, 8, fields.uid);
  writeNumber(block, 116, 8, fields.gid);
  writeNumber(block, 124, 12, fields.size);
  writeNumber(block, 136, 12, fields.mtime);
  block.write(fields.type, 156, 1, 'latin1');
  block.write(fields.linkName, 157, nameLength, 'latin1');
  block.write(dialect === 'gnu' ? 'ustar  \0' : 'ustar\x0000', 257, 'latin1');
  writeNumber(block, 329, 8, fields.major);
  writeNumber(block, 337, 8, fields.minor);
  block.write(prefix, 345, prefixLength, 'latin1');
  return withChecksum(block);
}

/** Whoever changes a byte of the block later calls this again. */
export function withChecksum(block: Buffer): Buffer {
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Octal digits and a NUL, or GNU's base 256 where those don't suffice. */
export function writeNumber(block: Buffer, offset: number, length: 8 | 12, value: number): void {
  const digits = value.toString(8);
  if (digits.length < length) {
    block.write(`${digits.padStart(length - 1, '0')}\0`, offset, 'latin1');
  } else {
    block.writeBigUInt64BE(BigInt(value), offset + length - 8);
    block.writeUInt8(0x80, offset);
  }
}

export function nameFits(name: ByteString, dialect: Dialect): boolean {
  return splitName(name, dialect).name.length <= nameLength;
}

/** `name` stays too long where no slash is in the right place. */
function splitName(path: ByteString, dialect: Dialect): { prefix: ByteString; name: ByteString } {
  if (path.length > nameLength && dialect === 'ustar') {
    const slash = path.lastIndexOf('/', prefixLength);
    const name = path.slice(slash + 1);
    if (slash > 0 && name !== '' && name.length <= nameLength) return { prefix: path.slice(0, slash), name };
  }
  return { prefix: '', name: path };
}

/** `body` in whole blocks. */
export function padded(body: Buffer): Buffer {
  return Buffer.concat([body, Buffer.alloc(-body.length & (blockSize - 1))]);
}
