import type { ByteString } from '../bytes/byte-string';
import { noXattrs, type Xattrs } from '../rootfs/tree';
import { damaged } from './damaged';
import { xattrIdEntrySize, xattrPrefixes, xattrValueElsewhere } from './format';
import { readLookupTable } from './lookup-table';
import type { MemoryBudget } from './memory-budget';
import { type MetadataContext, type MetadataCursor, MetadataTable } from './metadata';
import type { SourceFile } from './source-file';

const headerSize = 16;
/** XATTR_NAME_MAX of Linux, which counts the prefix, too. */
const longestName = 255;
/** XATTR_SIZE_MAX of Linux. */
const longestValue = 65536;
/** A guess at what one xattr costs in memory beside its bytes. */
const xattrOverhead = 128;

/** The sets of xattrs that inodes refer to by index; inodes with equal xattrs share a set. */
export class XattrTable {
  readonly #ids: Buffer;
  readonly #values: MetadataTable;
  readonly #budget: MemoryBudget;
  readonly #sets = new Map<number, Xattrs>();

  private constructor(ids: Buffer, values: MetadataTable, budget: MemoryBudget) {
    this.#ids = ids;
    this.#values = values;
    this.#budget = budget;
  }

  /** `position` is the superblock's; `end` is where the file system ends. */
  static async read(
    source: SourceFile,
    position: number,
    end: number,
    context: MetadataContext,
  ): Promise<XattrTable> {
    if (position + headerSize > end)
      throw damaged(source.path, 'its xattr table reaches past the end of the file system');
    const header = await source.read(position, headerSize);
    const valuesStart = Number(header.readBigUInt64LE(0));
    const count = header.readUInt32LE(8);
    if (valuesStart > position) {
      throw damaged(source.path, `its xattrs are to lie at byte ${valuesStart}, behind their own table`);
    }
    const list = position + headerSize;
    const lookup = { name: 'xattr id', list, count, entrySize: xattrIdEntrySize, end };
    const ids = await readLookupTable(source, lookup, context);
    context.budget.spend(position - valuesStart);
    const raw = await source.read(valuesStart, position - valuesStart);
    return new XattrTable(ids, new MetadataTable('xattr', raw, valuesStart, context), context.budget);
  }

  get(index: number | undefined): Xattrs {
    if (index === undefined) return noXattrs;
    let set = this.#sets.get(index);
    if (set === undefined) {
      set = this.#readSet(index);
      this.#sets.set(index, set);
    }
    return set;
  }

  #readSet(index: number): Xattrs {
    const at = index * xattrIdEntrySize;
    if (at + xattrIdEntrySize > this.#ids.length) {
      throw this.#values.damaged(
        `has ${this.#ids.length / xattrIdEntrySize} sets, and an inode asks for set ${index}`,
      );
    }
    const cursor = this.#values.at(Number(this.#ids.readBigUInt64LE(at)));
    const count = this.#ids.readUInt32LE(at + 8);
    const set = new Map<ByteString, Buffer>();
    for (let read = 0; read < count; read++) {
      this.#budget.spend(xattrOverhead);
      const [name, value] = this.#readXattr(cursor);
      if (set.has(name))
        throw this.#values.damaged(`gives an inode the attribute ${JSON.stringify(name)} twice`);
      set.set(name, value);
    }
    return set;
  }

  #readXattr(cursor: MetadataCursor): [ByteString, Buffer] {
    const type = cursor.u16();
    const prefix = xattrPrefixes[type & ~xattrValueElsewhere];
    if (prefix === undefined)
      throw this.#values.damaged(`names a kind of attribute (${type}) that doesn't exist`);
    const name = this.#readName(prefix, cursor.u16(), cursor);
    const value = this.#readValue(cursor);
    if ((type & xattrValueElsewhere) === 0) return [name, value];
    if (value.length !== 8) throw this.#values.damaged('refers to a value in a way that cannot be read');
    return [name, this.#readValue(this.#values.at(Number(value.readBigUInt64LE(0))))];
  }

  #readName(prefix: string, length: number, cursor: MetadataCursor): ByteString {
    if (prefix.length + length > longestName) {
      throw this.#values.damaged(
        `holds an attribute's name of ${prefix.length + length} bytes, more than Linux allows`,
      );
    }
    this.#budget.spend(length);
    return prefix + cursor.byteString(length);
  }

  /** A copy, so that a tree that is kept doesn't hold the whole table in memory. */
  #readValue(cursor: MetadataCursor): Buffer {
    const length = cursor.u32();
    if (length > longestValue)
      throw this.#values.damaged(`holds a value of ${length} bytes, more than Linux allows`);
    this.#budget.spend(length);
    return Buffer.from(cursor.take(length));
  }
}
