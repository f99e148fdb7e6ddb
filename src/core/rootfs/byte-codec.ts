import type { ByteString } from '../bytes/byte-string';

/** Gathers numbers, strings and bytes into one buffer, in a form that {@link ByteDecoder} reads back. */
export class ByteEncoder {
  #buffer = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  /** A whole number from 0 to 2^53 - 1, in groups of seven bits, lowest first. */
  number(value: number): void {
    this.#reserve(8);
    let left = value;
    while (left > 0x7f) {
      this.#buffer[this.#length++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    this.#buffer[this.#length++] = left;
  }

  bytes(value: Uint8Array): void {
    this.number(value.length);
    this.raw(value);
  }

  string(value: ByteString): void {
    this.number(value.length);
    this.#reserve(value.length);
    this.#length += this.#buffer.write(value, this.#length, 'latin1');
  }

  /** Bytes whose number the reader knows. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** Thrown when bytes are not what a {@link ByteEncoder} would have written. */
export class DecodeError extends Error {}

/** Reads what a {@link ByteEncoder} gathered; throws a {@link DecodeError} rather than read past the end. */
export class ByteDecoder {
  readonly #buffer: Buffer;
  #position = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get atEnd(): boolean {
    return this.#position === this.#buffer.length;
  }

  number(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = this.#buffer[this.#position++];
      if (byte === undefined) throw new DecodeError('the data ends in a number');
      value += (byte & 0x7f) * unit;
      if (!Number.isSafeInteger(value)) throw new DecodeError('a number is too large');
      if (byte <= 0x7f) return value;
    }
  }

  string(): ByteString {
    const start = this.#advance(this.number());
    return this.#buffer.toString('latin1', start, this.#position);
  }

  /** `length` bytes in hex. */
  hex(length: number): string {
    const start = this.#advance(length);
    return this.#buffer.toString('hex', start, this.#position);
  }

  bytes(): Buffer {
    const start = this.#advance(this.number());
    return this.#buffer.subarray(start, this.#position);
  }

  /** A list whose length stands before it. */
  list<T>(one: () => T): T[] {
    const count = this.number();
    if (count > this.#buffer.length - this.#position) throw new DecodeError('a list is longer than the data');
    return Array.from({ length: count }, one);
  }

  /** Answers where the next `length` bytes begin, and stands behind them then. */
  #advance(length: number): number {
    const start = this.#position;
    if (length > this.#buffer.length - start) throw new DecodeError('the data ends too early');
    this.#position += length;
    return start;
  }
}
