import type { Decode } from './compressors/compressor';
import { damaged } from './damaged';
import { type Block, type BlockSource, checkedBlock } from './data-blocks';
import { fragmentEntrySize } from './format';
import { readLookupTable } from './lookup-table';
import { MemoryBudget } from './memory-budget';
import type { SourceFile } from './source-file';
import type { Superblock } from './superblock';

/** Where the blocks lie that hold the last bytes of several files each. */
export class FragmentTable {
  readonly #source: BlockSource;
  readonly #entries: Buffer;

  private constructor(source: BlockSource, entries: Buffer) {
    this.#source = source;
    this.#entries = entries;
  }

  static async read(source: SourceFile, superblock: Superblock, decode: Decode): Promise<FragmentTable> {
    const { fragmentTable: list, fragmentCount: count, blockSize, bytesUsed } = superblock;
    if (list === undefined && count > 0) {
      throw damaged(source.path, `its superblock counts ${count} fragments and names no fragment table`);
    }
    const context = { file: source.path, decode, budget: new MemoryBudget(source.path) };
    const entries =
      list === undefined
        ? Buffer.alloc(0)
        : await readLookupTable(
            source,
            { name: 'fragment', list, count, entrySize: fragmentEntrySize, end: bytesUsed },
            context,
          );
    return new FragmentTable({ path: source.path, blockSize, bytesUsed }, entries);
  }

  /** @throws Problem when there is no such fragment, or its block lies outside the file system. */
  get(index: number): Block {
    const at = index * fragmentEntrySize;
    if (at + fragmentEntrySize > this.#entries.length) {
      throw damaged(
        this.#source.path,
        `it has ${this.#entries.length / fragmentEntrySize} fragments, and a file asks for fragment ${index}`,
      );
    }
    return checkedBlock(this.#source, {
      position: Number(this.#entries.readBigUInt64LE(at)),
      sizeField: this.#entries.readUInt32LE(at + 8),
    });
  }
}
