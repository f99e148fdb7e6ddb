import { shown, type ByteString } from '../bytes/byte-string';
import { DamagedTar } from './tar-input';

/**
 * The records of a PAX extended header (POSIX.1-2017 pax, "pax Extended Header"). Values stay bytes: an xattr may hold
 * anything, and names are taken as they lie in the archive whatever `hdrcharset` says of them.
 */
export interface PaxRecords {
  /** An empty value is none. */
  readonly values: ReadonlyMap<ByteString, ByteString>;
  readonly xattrs: ReadonlyMap<ByteString, Buffer>;
  /** The offset and length records of sparse format 0.0, which repeat, in their order. */
  readonly sparseNumbers: readonly ByteString[];
}

export const noPaxRecords: PaxRecords = { values: new Map(), xattrs: new Map(), sparseNumbers: [] };

const equals = 0x3d;
const newline = 0x0a;
const space = 0x20;

/** Parses `"%d %s=%s\n"` records; the number counts the whole record, and may have leading zeros. */
export function parsePax(body: Buffer): PaxRecords {
  const values = new Map<ByteString, ByteString>();
  const xattrs = new Map<ByteString, Buffer>();
  const sparseNumbers: ByteString[] = [];
  let at = 0;
  while (at < body.length) {
    const gap = body.subarray(at).indexOf(space);
    const digits = gap < 0 ? '' : body.toString('latin1', at, at + gap);
    const end = /^[0-9]+$/.test(digits) ? at + Number(digits) : 0;
    const keyEnd = body.indexOf(equals, at + gap);
    if (
      end <= at + gap ||
      end > body.length ||
      keyEnd < 0 ||
      keyEnd >= end - 1 ||
      body[end - 1] !== newline
    ) {
      throw new DamagedTar('has a damaged extended header');
    }
    const key = body.toString('latin1', at + gap + 1, keyEnd);
    const value = body.subarray(keyEnd + 1, end - 1);
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes')
      sparseNumbers.push(value.toString('latin1'));
    else if (!readXattr(key, value, xattrs)) values.set(key, value.toString('latin1'));
    at = end;
  }
  return { values, xattrs, sparseNumbers };
}

const schily = 'SCHILY.xattr.';

/**
 * GNU tar escapes `=` and `%` in names, but Go's archive/tar, and so every container runtime, takes them as they are. Nor does
 * any runtime read the form that libarchive writes besides, `LIBARCHIVE.xattr.`: a container has no such attribute, and so
 * the device gets none.
 */
function readXattr(key: ByteString, value: Buffer, xattrs: Map<ByteString, Buffer>): boolean {
  if (!key.startsWith(schily)) return false;
  xattrs.set(key.slice(schily.length), Buffer.from(value));
  return true;
}

/** What the records say of one entry. */
export class PaxLookup {
  constructor(private readonly records: PaxRecords) {}

  get(key: string): ByteString | undefined {
    const value = this.records.values.get(key);
    return value === '' ? undefined : value;
  }

  /** A whole number of 0 or more, exact in a double. */
  count(key: string): number | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : paxCount(value);
  }

  /** Seconds since 1970, whole ones, rounded down; may be negative. */
  seconds(key: string): number | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (!/^-?[0-9]+(?:\.[0-9]*)?$/.test(value)) throw notANumber(value);
    return Math.floor(Number(value));
  }

  get xattrs(): ReadonlyMap<ByteString, Buffer> {
    return this.records.xattrs;
  }

  get sparseNumbers(): readonly ByteString[] {
    return this.records.sparseNumbers;
  }
}

export function paxCount(value: ByteString): number {
  const count = Number(value);
  if (!/^[0-9]+$/.test(value) || !Number.isSafeInteger(count)) throw notANumber(value);
  return count;
}

function notANumber(value: ByteString): Error {
  return new DamagedTar(`has "${shown(value)}" in an extended header where a number belongs`);
}
