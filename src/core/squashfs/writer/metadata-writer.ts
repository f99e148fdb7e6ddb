import { metadataBlockSize, metadataReference, type MetadataReference, metadataStoredBit } from '../format';
import type { BlockCompressor, PackingBlock } from './block-compressor';
import type { OutputFile } from './output-file';

/**
 * A table of metadata blocks on its way to the file. What is appended has a position among the decompressed bytes at once;
 * a reference, which counts compressed bytes, it has when the blocks before it are packed, after {@link settle}.
 */
export class MetadataWriter {
  readonly #compressor: BlockCompressor;
  /** Where each block begins in the table; the last is that of the block that is being filled. */
  readonly #starts = [0];
  readonly #packed: Uint8Array[] = [];
  readonly #packing: PackingBlock[] = [];
  #block = Buffer.alloc(metadataBlockSize);
  #filled = 0;
  #length = 0;

  constructor(compressor: BlockCompressor) {
    this.#compressor = compressor;
  }

  /** Answers where the bytes begin among all that was appended. */
  append(bytes: Uint8Array): number {
    const position = this.#length;
    for (let taken = 0; taken < bytes.length;) {
      const step = Math.min(bytes.length - taken, metadataBlockSize - this.#filled);
      this.#block.set(bytes.subarray(taken, taken + step), this.#filled);
      this.#filled += step;
      taken += step;
      if (this.#filled === metadataBlockSize) this.#endBlock();
    }
    this.#length += bytes.length;
    return position;
  }

  /** Waits for the blocks that are full. */
  async settle(): Promise<void> {
    for (let packing = this.#packing.shift(); packing !== undefined; packing = this.#packing.shift()) {
      const { bytes, stored } = await packing();
      const header = Buffer.alloc(2);
      header.writeUInt16LE(stored ? bytes.length | metadataStoredBit : bytes.length);
      this.#packed.push(header, bytes);
      this.#starts.push((this.#starts.at(-1) ?? 0) + header.length + bytes.length);
    }
  }

  /** Where the block begins that holds `position`, below the table's start. */
  blockStart(position: number): number {
    const start = this.#starts[Math.floor(position / metadataBlockSize)];
    if (start === undefined) throw new Error(`MetadataWriter: byte ${position} is not settled`);
    return start;
  }

  reference(position: number): MetadataReference {
    return metadataReference(this.blockStart(position), position % metadataBlockSize);
  }

  /** Ends the table and answers where it begins in the file. */
  async writeTo(output: OutputFile): Promise<number> {
    if (this.#filled > 0) this.#endBlock();
    await this.settle();
    const start = output.end;
    for (const bytes of this.#packed) await output.append(bytes);
    return start;
  }

  #endBlock(): void {
    this.#packing.push(this.#compressor.packMetadata(this.#block.subarray(0, this.#filled)));
    this.#block = Buffer.alloc(metadataBlockSize);
    this.#filled = 0;
  }
}

/**
 * Writes a table of fixed-size entries (ids, fragments, inodes, xattr ids): its metadata blocks, then the list of their
 * positions. Answers where readers begin: at the list, or the `header` ahead of it.
 */
export async function writeLookupTable(
  output: OutputFile,
  compressor: BlockCompressor,
  entries: Uint8Array,
  header: Uint8Array = new Uint8Array(0),
): Promise<number> {
  const table = new MetadataWriter(compressor);
  table.append(entries);
  const tableStart = await table.writeTo(output);

  const list = Buffer.alloc(Math.ceil(entries.length / metadataBlockSize) * 8);
  for (let index = 0; index * 8 < list.length; index++) {
    list.writeBigUInt64LE(BigInt(tableStart + table.blockStart(index * metadataBlockSize)), index * 8);
  }
  const position = await output.append(header);
  await output.append(list);
  return position;
}
