/** Compressed data can't be decompressed; who knows what it is makes a Problem of it. `message` is a clause. */
export class DamagedStream extends Error {
  override readonly name = 'DamagedStream';
  /** What to do about it, where that is not to get another copy. */
  readonly remedy: string | undefined;

  constructor(message: string, { remedy, ...options }: ErrorOptions & { readonly remedy?: string } = {}) {
    super(message, options);
    this.remedy = remedy;
  }
}
