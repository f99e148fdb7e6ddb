import type { Hashed } from '../../rootfs/tree';
import { itemsPerTurn, nextTurn } from '../../turns';
import { exportEntrySize, type MetadataReference } from '../format';
import type { BlockCompressor } from './block-compressor';
import type { StoredContents } from './contents';
import { type DirectoryListing, encodeInode, type InodeFields } from './encode-inode';
import { encodeListing, type Listing } from './encode-listing';
import { MetadataWriter } from './metadata-writer';
import type { OutputFile } from './output-file';
import type { PlannedDirectory, PlannedLeaf, TreePlan } from './tree-plan';

/** Where the tree was written, for the superblock, and the export table that leads from inode numbers to inodes. */
export interface TreeTables {
  readonly inodeTable: number;
  readonly directoryTable: number;
  readonly rootInode: MetadataReference;
  readonly exports: Buffer;
}

/**
 * Writes inodes and directory listings. A listing refers to the inodes of its entries by where they lie compressed, and a
 * directory's inode to its listing: so the directories come after all other inodes, the deepest first. Those of one depth
 * don't refer to each other, and their blocks are packed together.
 */
export async function writeTreeTables<C extends Hashed>(
  plan: TreePlan<C>,
  contents: StoredContents,
  output: OutputFile,
  compressor: BlockCompressor,
): Promise<TreeTables> {
  const inodes = new InodeTable(compressor);
  const listings = new MetadataWriter(compressor);
  for (const { entries } of plan.directories) {
    for (const { inode } of entries) {
      if (isDirectory(inode) || inodes.has(inode.number)) continue;
      await inodes.add(inode.number, encodeInode(leafFields(inode, plan, contents)));
    }
  }
  const [root] = plan.directories;
  for (const level of levelsBelow(root).toReversed()) {
    await inodes.settle();
    const listed = await appendListings(level, inodes, listings, compressor);
    await listings.settle();
    for (const { directory, position, listing } of listed) {
      const fields = directoryFields(directory, plan, located(listing, position, listings));
      await inodes.add(directory.number, encodeInode(fields));
    }
  }

  const inodeTable = await inodes.writeTo(output);
  const directoryTable = await listings.writeTo(output);
  const exports = inodes.exports(plan.inodeCount);
  return { inodeTable, directoryTable, rootInode: inodes.referenceTo(root.number), exports };
}

/** The inodes on their way to the file, and where each of them lies. */
class InodeTable {
  readonly #compressor: BlockCompressor;
  readonly #writer: MetadataWriter;
  /** By inode number, among the decompressed bytes. */
  readonly #positions = new Map<number, number>();

  constructor(compressor: BlockCompressor) {
    this.#compressor = compressor;
    this.#writer = new MetadataWriter(compressor);
  }

  has(number: number): boolean {
    return this.#positions.has(number);
  }

  async add(number: number, inode: Buffer): Promise<void> {
    this.#positions.set(number, this.#writer.append(inode));
    if (this.#positions.size % itemsPerTurn === 0) await nextTurn(this.#compressor);
  }

  /** After this, references to all inodes that were added are known. */
  async settle(): Promise<void> {
    await this.#writer.settle();
  }

  referenceTo(number: number): MetadataReference {
    const position = this.#positions.get(number);
    if (position === undefined) throw new Error(`InodeTable: inode ${number} is not written`);
    return this.#writer.reference(position);
  }

  async writeTo(output: OutputFile): Promise<number> {
    return this.#writer.writeTo(output);
  }

  /** The references in the order of the inode numbers, which go from 1 to `count`. */
  exports(count: number): Buffer {
    const exports = Buffer.alloc(count * exportEntrySize);
    for (const number of this.#positions.keys()) {
      exports.writeBigUInt64LE(BigInt(this.referenceTo(number)), (number - 1) * exportEntrySize);
    }
    return exports;
  }
}

/** The directories by their depth, the root alone first. */
function levelsBelow<C>(root: PlannedDirectory<C>): PlannedDirectory<C>[][] {
  const levels: PlannedDirectory<C>[][] = [];
  for (let level = [root]; level.length > 0;) {
    levels.push(level);
    level = level.flatMap(({ entries }) => entries.map(({ inode }) => inode).filter(isDirectory));
  }
  return levels;
}

interface Listed<C> {
  readonly directory: PlannedDirectory<C>;
  readonly listing: Listing;
  /** Where it begins among the listings. */
  readonly position: number;
}

async function appendListings<C>(
  directories: readonly PlannedDirectory<C>[],
  inodes: InodeTable,
  listings: MetadataWriter,
  stop: { readonly signal: AbortSignal },
): Promise<readonly Listed<C>[]> {
  const listed: Listed<C>[] = [];
  for (const directory of directories) {
    const entries = directory.entries.map(({ name, inode: { node, number } }) => ({
      name,
      kind: node.kind,
      number,
      inode: inodes.referenceTo(number),
    }));
    const listing = encodeListing(entries);
    listed.push({ directory, listing, position: listings.append(listing.bytes) });
    if (listed.length % itemsPerTurn === 0) await nextTurn(stop);
  }
  return listed;
}

function located({ bytes, index }: Listing, position: number, listings: MetadataWriter): DirectoryListing {
  return {
    start: listings.reference(position),
    size: bytes.length,
    index: index.map(({ offset, name }) => ({ offset, name, block: listings.blockStart(position + offset) })),
  };
}

function isDirectory<C>(inode: PlannedLeaf<C> | PlannedDirectory<C>): inode is PlannedDirectory<C> {
  return inode.node.kind === 'directory';
}

function leafFields<C extends Hashed>(
  inode: PlannedLeaf<C>,
  plan: TreePlan<C>,
  contents: StoredContents,
): InodeFields {
  const { node } = inode;
  const common = commonFields(inode, plan);
  switch (node.kind) {
    case 'file':
      return { ...common, kind: node.kind, size: node.size, content: contents.of(node) };
    case 'symlink':
      return { ...common, kind: node.kind, target: node.target };
    case 'char':
    case 'block':
      return { ...common, kind: node.kind, major: node.major, minor: node.minor };
    case 'fifo':
    case 'socket':
      return { ...common, kind: node.kind };
  }
}

function directoryFields<C>(
  directory: PlannedDirectory<C>,
  plan: TreePlan<C>,
  listing: DirectoryListing,
): InodeFields {
  return { ...commonFields(directory, plan), kind: 'directory', parent: directory.parent, listing };
}

function commonFields<C>(
  { number, links, xattrs, node }: PlannedLeaf<C> | PlannedDirectory<C>,
  plan: TreePlan<C>,
) {
  const { mode, uid, gid, mtime } = node.attributes;
  return { number, links, mode, uid: plan.ids.indexOf(uid), gid: plan.ids.indexOf(gid), mtime, xattrs };
}
