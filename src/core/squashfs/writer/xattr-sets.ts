import { sha256Of } from '../../bytes/sha256';
import { type ByteString, byteStringToBytes, shown } from '../../bytes/byte-string';
import type { Job } from '../../job';
import type { Xattrs } from '../../rootfs/tree';
import { xattrIdEntrySize, xattrPrefixes } from '../format';
import type { BlockCompressor } from './block-compressor';
import { MetadataWriter, writeLookupTable } from './metadata-writer';
import type { OutputFile } from './output-file';

/** One inode's xattrs as they lie in the table; inodes with equal xattrs share a set. */
interface XattrSet {
  readonly bytes: Buffer;
  readonly count: number;
  /** What the kernel counts towards the blocks of a file that has them: names, values and a NUL after each name. */
  readonly listedSize: number;
}

/** The xattrs of a tree, to be added before they are written. Those of namespaces that SquashFS lacks are left out. */
export class XattrSets {
  readonly #sets: XattrSet[] = [];
  readonly #indexByHash = new Map<string, number>();
  readonly #leftOut = new Map<ByteString, number>();

  /** The index of the set; undefined where there is nothing to store. */
  add(xattrs: Xattrs): number | undefined {
    const stored: StoredXattr[] = [];
    // In an order of their own: equal xattrs make one set, however they were listed.
    for (const [name, value] of [...xattrs].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const type = xattrPrefixes.findIndex((prefix) => name.startsWith(prefix));
      if (type < 0) this.#leftOut.set(name, (this.#leftOut.get(name) ?? 0) + 1);
      else stored.push({ name, type, value });
    }
    if (stored.length === 0) return undefined;

    const bytes = Buffer.concat(stored.map(encodeXattr));
    const hash = sha256Of(bytes);
    const known = this.#indexByHash.get(hash);
    if (known !== undefined) return known;
    const listedSize = stored.reduce((sum, { name, value }) => sum + name.length + 1 + value.length, 0);
    const index = this.#sets.push({ bytes, count: stored.length, listedSize }) - 1;
    this.#indexByHash.set(hash, index);
    return index;
  }

  /** Tells once for each name what {@link add} left out. */
  warnOfLeftOut(job: Job): void {
    for (const [name, count] of this.#leftOut) {
      const whose = count === 1 ? 'of one file' : `of ${count} files`;
      job.warn(`the attribute ${shown(name)} ${whose} is left out: SquashFS can't store it`);
    }
  }

  /** Answers where the table lies, for the superblock; undefined, and nothing is written, if nobody has xattrs. */
  async writeTo(output: OutputFile, compressor: BlockCompressor): Promise<number | undefined> {
    if (this.#sets.length === 0) return undefined;
    const values = new MetadataWriter(compressor);
    const positions = this.#sets.map(({ bytes }) => values.append(bytes));
    const valuesStart = await values.writeTo(output);

    const ids = Buffer.alloc(this.#sets.length * xattrIdEntrySize);
    for (const [index, { count, listedSize }] of this.#sets.entries()) {
      const at = index * xattrIdEntrySize;
      ids.writeBigUInt64LE(BigInt(values.reference(positions[index] ?? 0)), at);
      ids.writeUInt32LE(count, at + 8);
      ids.writeUInt32LE(listedSize, at + 12);
    }
    const header = Buffer.alloc(16);
    header.writeBigUInt64LE(BigInt(valuesStart), 0);
    header.writeUInt32LE(this.#sets.length, 8);
    return writeLookupTable(output, compressor, ids, header);
  }
}

interface StoredXattr {
  readonly name: ByteString;
  /** The number that stands for the prefix. */
  readonly type: number;
  readonly value: Buffer;
}

/** `struct squashfs_xattr_entry` with the name less its prefix, then `struct squashfs_xattr_val` with the value. */
function encodeXattr({ name, type, value }: StoredXattr): Buffer {
  const suffix = byteStringToBytes(name.slice(xattrPrefixes[type]?.length));
  const bytes = Buffer.alloc(4 + suffix.length + 4 + value.length);
  bytes.writeUInt16LE(type, 0);
  bytes.writeUInt16LE(suffix.length, 2);
  suffix.copy(bytes, 4);
  bytes.writeUInt32LE(value.length, 4 + suffix.length);
  value.copy(bytes, 8 + suffix.length);
  return bytes;
}
