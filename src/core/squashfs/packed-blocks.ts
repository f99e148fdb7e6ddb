import { type Directory, type Hashed, type RegularFile, regularFiles } from '../rootfs/tree';
import type { BlockContent } from './block-content';
import { type Block, blocksOf } from './data-blocks';
import { dataStoredBit } from './format';
import type { SquashfsReader } from './reader';
import type { PackedBlock } from './writer/block-compressor';

/** Brings a block as it lies there. */
export type ReadBlock = () => Promise<PackedBlock>;

export interface ReadyBlock {
  /** How many bytes it holds decompressed. */
  readonly length: number;
  /** None for a hole. */
  readonly read: ReadBlock | undefined;
}

/**
 * The blocks of a file that this writer has written, with the codec and the block size that it is going to use again: what
 * it would make of the same bytes lies there ready. Taking it is a matter of time alone, and changes no byte of the result.
 */
export class PackedBlocks {
  readonly #reader: SquashfsReader;
  readonly #files = new Map<string, RegularFile<BlockContent>>();
  readonly #sharedBlocks = new Map<string, Block>();

  private constructor(reader: SquashfsReader) {
    this.#reader = reader;
  }

  /** @param hashes of the files of the reader's tree; one that has none is not looked for, and neither is what it shares. */
  static async of(
    reader: SquashfsReader,
    root: Directory<BlockContent>,
    hashes: ReadonlyMap<RegularFile<BlockContent>, string>,
  ): Promise<PackedBlocks> {
    const packed = new PackedBlocks(reader);
    const fragments = new Map<number, Map<number, string>>();
    const unknown = new Set<number>();
    for (const file of regularFiles(root)) {
      const sha256 = hashes.get(file);
      const { fragment } = file.content;
      if (sha256 === undefined) {
        if (fragment !== undefined) unknown.add(fragment.index);
        continue;
      }
      const key = contentKey({ ...file, content: { sha256 } });
      packed.#files.set(key, file);
      if (fragment === undefined) continue;
      const keys = fragments.get(fragment.index) ?? new Map<number, string>();
      fragments.set(fragment.index, keys.set(fragment.offset, key));
    }
    const table = await reader.fragmentTable();
    for (const [index, keys] of fragments) {
      if (unknown.has(index)) continue;
      const inOrder = [...keys].sort(([a], [b]) => a - b).map(([, key]) => key);
      packed.#sharedBlocks.set(inOrder.join(' '), table.get(index));
    }
    return packed;
  }

  /** The file with the same bytes, at whatever path. */
  fileLike(file: RegularFile<Hashed>): RegularFile<BlockContent> | undefined {
    return this.#files.get(contentKey(file));
  }

  /** The blocks of a file that shares none with others. */
  ownBlocks(file: RegularFile<Hashed>): readonly ReadyBlock[] | undefined {
    const content = this.fileLike(file)?.content;
    if (content === undefined || content.fragment !== undefined) return undefined;
    return blocksOf(this.#reader.blockSource, content, file.size).map((block) => ({
      length: block.length,
      read: block.sizeField === 0 ? undefined : this.#reading(block),
    }));
  }

  /** The block that holds these files and no others, in this order. */
  sharedBlock(files: readonly RegularFile<Hashed>[]): ReadBlock | undefined {
    const block = this.#sharedBlocks.get(files.map(contentKey).join(' '));
    return block && this.#reading(block);
  }

  #reading(block: Block): ReadBlock {
    return async () => ({
      bytes: await this.#reader.storedBytes(block),
      stored: (block.sizeField & dataStoredBit) !== 0,
    });
  }
}

/**
 * The same for files with the same bytes. The size is a part of it because an inode's block list must fit its size,
 * whatever a wrong hash says.
 */
export function contentKey({ size, content }: RegularFile<Hashed>): string {
  return `${size}:${content.sha256}`;
}
