const nothing: Buffer = Buffer.alloc(0);

/**
 * Reads a stream of chunks by byte counts and knows its position. What it gives are views on the source's own chunks
 * wherever possible, so nobody may write to them.
 */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array, unknown>;
  readonly #observe: (chunk: Uint8Array) => void;
  #unread = nothing;
  #position = 0;

  /** `observe` sees each chunk as it comes from the source; what it throws stops the reading. */
  constructor(source: AsyncIterable<Uint8Array>, observe: (chunk: Uint8Array) => void = () => undefined) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#observe = observe;
  }

  /** How many bytes have been handed out or skipped. */
  get position(): number {
    return this.#position;
  }

  /** The next `length` bytes, which stay to be read; fewer only where the stream ends. */
  async peek(length: number): Promise<Buffer> {
    while (this.#unread.length < length) {
      const next = await this.#nextChunk();
      if (next === undefined) break;
      this.#unread = this.#unread.length === 0 ? next : Buffer.concat([this.#unread, next]);
    }
    return this.#unread.subarray(0, length);
  }

  /** The next 1 to `limit` bytes, without copying them; undefined at the end of the stream. */
  async some(limit: number): Promise<Buffer | undefined> {
    if (this.#unread.length === 0) {
      const next = await this.#nextChunk();
      if (next === undefined) return undefined;
      this.#unread = next;
    }
    return this.#takeUnread(limit);
  }

  /** The next `length` bytes in one piece; fewer only where the stream ends. Copies where they span chunks. */
  async read(length: number): Promise<Buffer> {
    if (length <= this.#unread.length) return this.#takeUnread(length);
    const pieces: Buffer[] = [];
    for await (const piece of this.take(length)) pieces.push(piece);
    const [first = nothing] = pieces;
    return pieces.length > 1 ? Buffer.concat(pieces) : first;
  }

  /** The next `length` bytes, by default all, in the pieces they come in; fewer only where the stream ends. */
  async *take(length = Infinity): AsyncGenerator<Buffer, void, undefined> {
    const end = this.#position + length;
    while (this.#position < end) {
      const piece = await this.some(end - this.#position);
      if (piece === undefined) return;
      yield piece;
    }
  }

  /** Goes on to `position`, or to the end of the stream if that comes first. */
  async skipTo(position: number): Promise<void> {
    while (this.#position < position) {
      if ((await this.some(position - this.#position)) === undefined) return;
    }
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #takeUnread(limit: number): Buffer {
    const piece = this.#unread.subarray(0, limit);
    this.#unread = this.#unread.subarray(piece.length);
    this.#position += piece.length;
    return piece;
  }

  /** One that is not empty. */
  async #nextChunk(): Promise<Buffer | undefined> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      this.#observe(next.value);
      const { buffer, byteOffset, byteLength } = next.value;
      if (byteLength > 0) return Buffer.from(buffer, byteOffset, byteLength);
    }
  }
}
