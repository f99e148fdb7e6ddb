/** Where an uncompressed tar archive is read from, front to back: a stream, or a file in which one can skip. */
export interface TarInput {
  /** Bytes from the start of the archive. */
  readonly position: number;
  /** The next `length` bytes; fewer only at the end. */
  read(length: number): Promise<Buffer>;
  /** Goes on to `position`, or to the end if that comes first. */
  skipTo(position: number): Promise<void>;
}

/**
 * Bytes that are no tar archive, or one that no reader could make sense of. `message` goes on after a subject, as in "its
 * tar archive …"; who knows what was to be read makes a Problem of it.
 */
export class DamagedTar extends Error {
  override readonly name = 'DamagedTar';

  /** @param kind `cut` where more was promised than comes, `no tar` where already the first header is none. */
  constructor(
    message: string,
    readonly kind: 'no tar' | 'cut' | 'damaged' = 'damaged',
  ) {
    super(message);
  }
}
