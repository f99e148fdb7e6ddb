import type { RegularFile } from '../rootfs/tree';
import { storedSize } from './data-blocks';
import type { FragmentTable } from './fragment-table';
import type { BlockContent, SquashfsReader } from './reader';

/**
 * What files take of a SquashFS file, compressed, in bytes. Only its metadata is read. A fragment, which holds the ends of
 * several files, is shared out by their lengths; what files with the same content share is counted once.
 */
export class StoredSizes {
  readonly #blockSize: number;
  readonly #fragments: FragmentTable;
  /** Bytes of all ends in each fragment, before compression. */
  readonly #fragmentLengths = new Map<number, number>();

  private constructor(blockSize: number, fragments: FragmentTable) {
    this.#blockSize = blockSize;
    this.#fragments = fragments;
  }

  /** @param files all of the reader's tree. */
  static async read(
    reader: SquashfsReader,
    files: Iterable<RegularFile<BlockContent>>,
  ): Promise<StoredSizes> {
    const sizes = new StoredSizes(reader.superblock.blockSize, await reader.fragmentTable());
    const seen = new Set<string>();
    for (const { content, size } of files) {
      const { fragment } = content;
      if (fragment === undefined || isSeen(seen, `${fragment.index} ${fragment.offset}`)) continue;
      const length = sizes.#fragmentLengths.get(fragment.index) ?? 0;
      sizes.#fragmentLengths.set(fragment.index, length + (size % sizes.#blockSize));
    }
    return sizes;
  }

  /** What some of the files take together. */
  of(files: Iterable<RegularFile<BlockContent>>): number {
    const seen = new Set<string>();
    let bytes = 0;
    for (const { content, size } of files) {
      const { start, blockSizes, fragment } = content;
      const stored = blockSizes.reduce((sum, field) => sum + storedSize(field), 0);
      // A file of holes alone has no place of its own.
      if (stored > 0 && !isSeen(seen, `${start}`)) bytes += stored;
      if (fragment !== undefined && !isSeen(seen, `${fragment.index} ${fragment.offset}`)) {
        const share = (size % this.#blockSize) / (this.#fragmentLengths.get(fragment.index) ?? Infinity);
        bytes += storedSize(this.#fragments.get(fragment.index).sizeField) * share;
      }
    }
    return bytes;
  }
}

/** Also remembers it. */
function isSeen(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return true;
  seen.add(key);
  return false;
}
