import { metadataBlockSize } from '../format';
import type { BlockCompressor } from './block-compressor';
import { MetadataWriter } from './metadata-writer';
import type { OutputFile } from './output-file';

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
