/** It isn't what it says it is. */
export class DamagedDatabase extends Error {}

/** A column of a row; text is given as its bytes. */
export type Value = Buffer | number | undefined;

const magic = 'SQLite format 3\0';
const headerLength = 100;
const interiorPage = 5;
const leafPage = 13;
/** Far more than any table of rpm has. */
const mostColumns = 64;

/**
 * The rows of a table of an SQLite database, in the order of their row IDs (sqlite.org, "Database File Format": 1.3 header,
 * 1.6 b-tree pages, 2.1 records, 2.6 schema). Only tables with row IDs are read. A write-ahead log beside the file is not
 * looked at: whoever closes a database has put it into the file.
 *
 * Every page is used once, so that a database costs no more than its length, whatever its pages say.
 *
 * @throws DamagedDatabase
 */
export function* tableRows(file: Buffer, table: string): Generator<readonly Value[], void, undefined> {
  const pages = new Pages(file);
  const root = rootPageOf(pages, table);
  if (root === undefined) throw new DamagedDatabase();
  yield* rowsBelow(pages, root);
}

/** Rows of the schema: type, name, name of the table, first page, and the SQL that made it. */
function rootPageOf(pages: Pages, table: string): number | undefined {
  for (const [type, name, , root] of rowsBelow(pages, 1)) {
    if (String(type) === 'table' && String(name) === table && typeof root === 'number') return root;
  }
  return undefined;
}

function* rowsBelow(pages: Pages, root: number): Generator<readonly Value[], void, undefined> {
  const pending = [root];
  for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
    const page = pages.take(number);
    const at = number === 1 ? headerLength : 0;
    const kind = page[at];
    const cells = uint16(page, at + 3);
    if (kind === leafPage) {
      for (let cell = 0; cell < cells; cell++) {
        yield recordOf(payloadAt(pages, page, uint16(page, at + 8 + cell * 2)));
      }
    } else if (kind === interiorPage) {
      const below: number[] = [];
      for (let cell = 0; cell < cells; cell++) below.push(uint32(page, uint16(page, at + 12 + cell * 2)));
      pending.push(uint32(page, at + 8), ...below.reverse());
    } else {
      throw new DamagedDatabase();
    }
  }
}

/** A row's bytes: as many as fit in its page, and the rest in a chain of pages of its own. */
function payloadAt(pages: Pages, page: Buffer, offset: number): Buffer {
  const [length, afterLength] = varint(page, offset);
  const [, start] = varint(page, afterLength);
  pages.charge(length + 4);
  const { usable } = pages;
  const most = usable - 35;
  if (length <= most) return slice(page, start, length);
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usable - 4));
  const local = fitting <= most ? fitting : least;
  const parts = [slice(page, start, local)];
  let next = uint32(page, start + local);
  for (let left = length - local; left > 0;) {
    const more = pages.take(next);
    const size = Math.min(left, usable - 4);
    parts.push(slice(more, 4, size));
    next = uint32(more, 0);
    left -= size;
  }
  return Buffer.concat(parts);
}

/** A length of the head, a type for each column, and then the columns. */
function recordOf(payload: Buffer): readonly Value[] {
  const [headLength, first] = varint(payload, 0);
  const values: Value[] = [];
  let body = headLength;
  for (let at = first; at < headLength;) {
    const [type, next] = varint(payload, at);
    if (values.length === mostColumns) throw new DamagedDatabase();
    const length = lengthOf(type);
    values.push(valueOf(type, slice(payload, body, length)));
    body += length;
    at = next;
  }
  return values;
}

const numberLengths = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function lengthOf(type: number): number {
  return numberLengths[type] ?? Math.max(0, Math.floor((type - 12) / 2));
}

function valueOf(type: number, bytes: Buffer): Value {
  if (type >= 12) return bytes;
  if (type === 8 || type === 9) return type - 8;
  // Eight bytes and fractions are in no column that anybody asks for.
  return type >= 1 && type <= 5 ? bytes.readIntBE(0, bytes.length) : undefined;
}

class Pages {
  /** Bytes of a page that hold something. */
  readonly usable: number;
  readonly #file: Buffer;
  readonly #pageSize: number;
  readonly #taken = new Set<number>();
  #bytesLeft: number;

  constructor(file: Buffer) {
    if (file.length < headerLength || file.toString('latin1', 0, magic.length) !== magic) {
      throw new DamagedDatabase();
    }
    const stored = file.readUInt16BE(16);
    this.#pageSize = stored === 1 ? 65536 : stored;
    this.usable = this.#pageSize - (file[20] ?? 0);
    if (this.#pageSize < 512 || this.usable < 480) throw new DamagedDatabase();
    this.#file = file;
    this.#bytesLeft = file.length;
  }

  /** A page, counted from 1, that nothing else is in. */
  take(number: number): Buffer {
    const end = number * this.#pageSize;
    if (number < 1 || end > this.#file.length || this.#taken.has(number)) throw new DamagedDatabase();
    this.#taken.add(number);
    return this.#file.subarray(end - this.#pageSize, end);
  }

  /** What a row takes, with what tells of it: they can lie over each other in a page, and there would be no end of them. */
  charge(bytes: number): void {
    this.#bytesLeft -= bytes;
    if (!(this.#bytesLeft >= 0)) throw new DamagedDatabase();
  }
}

/** Seven bits a byte, the highest first, as long as the eighth is set; all eight of the ninth. @returns it, and where it ends. */
function varint(bytes: Buffer, offset: number): readonly [value: number, end: number] {
  let value = 0;
  for (let at = offset; at < offset + 9; at++) {
    const byte = bytes[at];
    if (byte === undefined) throw new DamagedDatabase();
    if (at === offset + 8) return [value * 256 + byte, at + 1];
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + 1];
  }
  throw new DamagedDatabase();
}

function slice(bytes: Buffer, start: number, length: number): Buffer {
  if (start + length > bytes.length) throw new DamagedDatabase();
  return bytes.subarray(start, start + length);
}

function uint16(bytes: Buffer, offset: number): number {
  return slice(bytes, offset, 2).readUInt16BE();
}

function uint32(bytes: Buffer, offset: number): number {
  return slice(bytes, offset, 4).readUInt32BE();
}
