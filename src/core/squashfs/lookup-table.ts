import { damaged } from './damaged';
import { metadataBlockSize } from './format';
import { type MetadataContext, MetadataTable } from './metadata';
import type { SourceFile } from './source-file';

export interface LookupTable {
  readonly name: string;
  /** Where the list of its blocks' positions lies. */
  readonly list: number;
  readonly count: number;
  readonly entrySize: number;
  /** Where the file system ends; everything must lie below it. */
  readonly end: number;
}

/**
 * Reads a table of fixed-size entries (ids, fragments, xattr ids) in one piece: a list of 64-bit positions, each of one
 * metadata block that is full but for the last.
 */
export async function readLookupTable(
  source: SourceFile,
  { name, list, count, entrySize, end }: LookupTable,
  context: MetadataContext,
): Promise<Buffer> {
  const size = count * entrySize;
  const blockCount = Math.ceil(size / metadataBlockSize);
  if (list + blockCount * 8 > end) {
    throw damaged(
      source.path,
      `its ${name} table of ${count} entries reaches past the end of the file system`,
    );
  }
  context.budget.spend(size);
  const positions = await source.read(list, blockCount * 8);

  const table = Buffer.alloc(size);
  for (let index = 0; index < blockCount; index++) {
    const position = Number(positions.readBigUInt64LE(index * 8));
    if (position + 2 > end) {
      throw damaged(
        source.path,
        `its ${name} table has a block at byte ${position}, past the end of the file system`,
      );
    }
    const raw = await source.read(position, Math.min(metadataBlockSize + 2, end - position));
    const wanted = Math.min(metadataBlockSize, size - index * metadataBlockSize);
    const { bytes } = new MetadataTable(name, raw, position, context).block(0);
    if (bytes.length < wanted) {
      throw damaged(source.path, `its ${name} table has ${bytes.length} bytes where ${wanted} are to lie`);
    }
    bytes.copy(table, index * metadataBlockSize, 0, wanted);
  }
  return table;
}
