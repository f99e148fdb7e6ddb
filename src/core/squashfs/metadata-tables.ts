import type { Decode } from './compressors/compressor';
import { damaged } from './damaged';
import { idEntrySize } from './format';
import { readLookupTable } from './lookup-table';
import { MemoryBudget } from './memory-budget';
import { type MetadataContext, MetadataTable } from './metadata';
import type { SourceFile } from './source-file';
import type { Superblock } from './superblock';
import { XattrTable } from './xattr-table';

/** All that describes the tree. */
export interface MetadataTables {
  readonly inodes: MetadataTable;
  readonly directories: MetadataTable;
  /** User and group ids, 32 bits each. */
  readonly ids: Buffer;
  readonly xattrs: XattrTable | undefined;
  /** Counts what is made of the tables, too. */
  readonly budget: MemoryBudget;
}

/** Reads each table in one piece; inodes, directories and xattr values stay compressed until they are needed. */
export async function readMetadataTables(
  source: SourceFile,
  superblock: Superblock,
  decode: Decode,
): Promise<MetadataTables> {
  const { path } = source;
  const budget = new MemoryBudget(path);
  const context: MetadataContext = { file: path, decode, budget };
  const end = superblock.bytesUsed;

  const readTable = async (name: string, start: number) => {
    // No field says where a table ends. The next one's position is a bound, if a generous one: the metadata blocks of a
    // lookup table lie ahead of the position that is given for it.
    const size = Math.min(...tablePositions(superblock).filter((position) => position > start), end) - start;
    budget.spend(size);
    return new MetadataTable(name, await source.read(start, size), start, context);
  };
  const ids = {
    name: 'id',
    list: superblock.idTable,
    count: superblock.idCount,
    entrySize: idEntrySize,
    end,
  };
  return {
    inodes: await readTable('inode', superblock.inodeTable),
    directories: await readTable('directory', superblock.directoryTable),
    ids: await readLookupTable(source, ids, context),
    xattrs:
      superblock.xattrTable === undefined
        ? undefined
        : await XattrTable.read(source, superblock.xattrTable, end, context),
    budget,
  };
}

/** Refuses a superblock that places anything outside the file. */
export function checkTablePositions(source: SourceFile, superblock: Superblock): void {
  const { bytesUsed } = superblock;
  if (bytesUsed > source.size) {
    throw damaged(source.path, `it has ${source.size} bytes and should have ${bytesUsed}; it was cut short`);
  }
  for (const position of tablePositions(superblock)) {
    if (position >= bytesUsed) {
      throw damaged(
        source.path,
        `its superblock places a table at byte ${position}, and it has only ${bytesUsed} bytes`,
      );
    }
  }
}

function tablePositions(superblock: Superblock): number[] {
  return [
    superblock.inodeTable,
    superblock.directoryTable,
    superblock.fragmentTable,
    superblock.exportTable,
    superblock.idTable,
    superblock.xattrTable,
  ].filter((position) => position !== undefined);
}
