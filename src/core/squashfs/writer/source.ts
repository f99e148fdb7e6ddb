import type { Directory, FileContent, Hashed, RegularFile } from '../../rootfs/tree';

/** A tree, and a way to its files' bytes. */
export interface SquashfsSource<C extends Hashed> {
  readonly root: Directory<C>;
  /** Streams the wanted files' bytes, each once, in whatever order is cheapest to read: the same order for the same input. */
  contents(wanted: readonly RegularFile<C>[]): AsyncIterable<FileContent<C>>;
}
