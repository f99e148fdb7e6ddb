import type { Job } from '../job';
import type { Hashed } from '../rootfs/tree';
import type { CodecPool } from './codec-pool';
import { compressorOptions, type SquashfsFormat } from './compression';
import type { Block } from './data-blocks';
import { fragmentEntrySize, metadataStoredBit, superblockFlags, superblockSize } from './format';
import type { PackedBlocks } from './packed-blocks';
import { encodeSuperblock } from './superblock';
import { BlockCompressor } from './writer/block-compressor';
import { writeContents } from './writer/contents';
import type { SquashfsSource } from './writer/incoming-contents';
import { writeLookupTable } from './writer/metadata-writer';
import { OutputFile } from './writer/output-file';
import { planTree, type TreePlan } from './writer/tree-plan';
import { writeTreeTables } from './writer/tree-tables';

export type { SquashfsSource } from './writer/incoming-contents';

export interface WriteOptions {
  readonly format: SquashfsFormat;
  /** When the file system was made, in seconds since 1970: 0 to 2^32 - 1. */
  readonly time: number;
  readonly pool: CodecPool;
  /** Blocks of an earlier file in this format that needn't be made anew. The result is the same without, but later. */
  readonly ready?: PackedBlocks | undefined;
  /** Hears of the bytes of files that are done, as `compress`. */
  readonly job: Job;
}

/** Loop devices and dm-verity work with whole blocks of this size. */
const paddedTo = 4096;

/**
 * Writes the tree to `file` as a SquashFS 4.0 file system, replacing what is there. The same tree gives the same bytes, on
 * any machine and with any number of threads.
 *
 * @throws Problem when SquashFS can't hold the tree, the source gives something else than the tree's files, or the file
 * can't be written; the signal's reason when the job is stopped. The file is closed then, and the caller deletes it.
 * @returns its size in bytes.
 */
export async function writeSquashfs<C extends Hashed>(
  file: string,
  source: SquashfsSource<C>,
  options: WriteOptions,
): Promise<number> {
  const plan = await planTree(source.root, options.format.blockSize, options.job);
  const output = await OutputFile.create(file);
  try {
    return await writeFileSystem(output, plan, source, options);
  } finally {
    await output.close();
  }
}

/** In mksquashfs's order, which the kernel relies on: it takes the start of one table for the end of the one before. */
async function writeFileSystem<C extends Hashed>(
  output: OutputFile,
  plan: TreePlan<C>,
  source: SquashfsSource<C>,
  { format, time, pool, ready, job }: WriteOptions,
): Promise<number> {
  const compressor = new BlockCompressor(pool, format, job.signal);
  const options = compressorOptions(format);

  await output.append(Buffer.alloc(superblockSize));
  if (options !== undefined) await output.append(storedMetadata(options));
  const contents = await writeContents(source, output, compressor, ready, job);
  const tree = await writeTreeTables(plan, contents, output, compressor);
  const { fragments } = contents;
  const fragmentTable =
    fragments.length > 0 ? await writeLookupTable(output, compressor, encodeFragments(fragments)) : undefined;
  const exportTable = await writeLookupTable(output, compressor, tree.exports);
  const idTable = await writeLookupTable(output, compressor, plan.ids.encode());
  const xattrTable = await plan.xattrs.writeTo(output, compressor);
  const bytesUsed = output.end;
  await output.append(Buffer.alloc((paddedTo - (bytesUsed % paddedTo)) % paddedTo));

  const superblock = encodeSuperblock({
    inodeCount: plan.inodeCount,
    mkfsTime: time,
    blockSize: format.blockSize,
    fragmentCount: fragments.length,
    compressor: format.compression.compressor,
    flags:
      superblockFlags.duplicatesRemoved |
      superblockFlags.exportable |
      (options === undefined ? 0 : superblockFlags.compressorOptions),
    idCount: plan.ids.size,
    rootInode: tree.rootInode,
    bytesUsed,
    idTable,
    xattrTable,
    inodeTable: tree.inodeTable,
    directoryTable: tree.directoryTable,
    fragmentTable,
    exportTable,
  });
  await output.finish(superblock);
  return output.end;
}

/** `struct squashfs_fragment_entry`; its last four bytes are unused. */
function encodeFragments(fragments: readonly Block[]): Buffer {
  const table = Buffer.alloc(fragments.length * fragmentEntrySize);
  for (const [index, { position, sizeField }] of fragments.entries()) {
    table.writeBigUInt64LE(BigInt(position), index * fragmentEntrySize);
    table.writeUInt32LE(sizeField, index * fragmentEntrySize + 8);
  }
  return table;
}

/** A metadata block that is stored as it is. */
function storedMetadata(content: Buffer): Buffer {
  const header = Buffer.alloc(2);
  header.writeUInt16LE(content.length | metadataStoredBit);
  return Buffer.concat([header, content]);
}
