import type { Directory, FileContent, Hashed, RegularFile } from '../../rootfs/tree';

/** A tree, and a way to its files' bytes. */
export interface SquashfsSource<C extends Hashed> {
  readonly root: Directory<C>;
  /** The files in the order in which their bytes are cheapest to read: the same order for the same input. */
  inReadingOrder(files: readonly RegularFile<C>[]): readonly RegularFile<C>[];
  /** Streams the wanted files' bytes, each once, in the order given, which is the reading order. */
  contents(wanted: readonly RegularFile<C>[]): AsyncIterable<FileContent<C>>;
}
