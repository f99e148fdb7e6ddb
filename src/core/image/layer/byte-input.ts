const nothing: Buffer = Buffer.alloc(0);

/** Reads a stream of chunks by byte counts and knows its position; what it gives are views on the chunks where possible. */
export class ByteInput {
  readonly #chunks: AsyncIterator<Uint8Array, unknown>;
  #unread = nothing;
  #position = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** How many bytes have been handed out or skipped. */
  get position(): number {
    return this.#position;
  }

  /** The next `length` bytes, which stay to be read; fewer where the stream ends. */
  async peek(length: number): Promise<Buffer> {
    while (this.#unread.length < length) {
      const next = await this.#nextChunk();
      if (next === undefined) break;
      this.#unread = this.#unread.length === 0 ? next : Buffer.concat([this.#unread, next]);
    }
    return this.#unread.subarray(0, length);
  }

  /** The next `length` bytes in one piece; fewer only where the stream ends. */
  async read(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.take(length)) pieces.push(piece);
    const [first = nothing] = pieces;
    return pieces.length > 1 ? Buffer.concat(pieces) : first;
  }

  /** The next `length` bytes, by default all, in the pieces they come in; fewer where the stream ends. */
  async *take(length = Infinity): AsyncGenerator<Buffer, void, undefined> {
    const end = this.#position + length;
    while (this.#position < end) {
      if (this.#unread.length === 0) this.#unread = (await this.#nextChunk()) ?? nothing;
      if (this.#unread.length === 0) return;
      const piece = this.#unread.subarray(0, end - this.#position);
      this.#unread = this.#unread.subarray(piece.length);
      this.#position += piece.length;
      yield piece;
    }
  }

  /** Goes on to `position`, or to the end of the stream if that comes first. */
  async skipTo(position: number): Promise<void> {
    const skipped = this.take(position - this.#position);
    while ((await skipped.next()).done !== true);
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #nextChunk(): Promise<Buffer | undefined> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      const { buffer, byteOffset, byteLength } = next.value;
      if (byteLength > 0) return Buffer.from(buffer, byteOffset, byteLength);
    }
  }
}
