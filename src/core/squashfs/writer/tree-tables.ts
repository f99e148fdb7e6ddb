import type { Hashed } from '../../rootfs/tree';
import { itemsPerTurn, nextTurn } from '../../turns';
import { exportEntrySize, type MetadataReference } from '../format';
import type { BlockCompressor } from './block-compressor';
import type { StoredContents } from './contents';
import { type DirectoryListing, encodeInode, type InodeFields } from './encode-inode';
import { encodeListing } from './encode-listing';
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
 * Writes inodes and directory listings. A listing refers to the inodes of its entries, and a directory's inode to its
 * listing: so each directory comes after all that lies below it, and the root last.
 */
export async function writeTreeTables<C extends Hashed>(
  plan: TreePlan<C>,
  contents: StoredContents,
  output: OutputFile,
  compressor: BlockCompressor,
): Promise<TreeTables> {
  const inodes = new MetadataWriter(compressor);
  const listings = new MetadataWriter(compressor);
  /** By inode number, where each inode lies among those of the table. */
  const positions = new Map<number, number>();

  const referenceTo = (number: number): MetadataReference => {
    const position = positions.get(number);
    if (position === undefined) throw new Error(`writeTreeTables: inode ${number} is not written`);
    return inodes.reference(position);
  };

  const writeLeaves = async (directory: PlannedDirectory<C>) => {
    for (const { inode } of directory.entries) {
      if (isDirectory(inode) || positions.has(inode.number)) continue;
      positions.set(inode.number, inodes.append(encodeInode(leafFields(inode, plan, contents))));
      if (positions.size % itemsPerTurn === 0) await nextTurn(compressor);
    }
  };

  const writeListing = async (directory: PlannedDirectory<C>): Promise<DirectoryListing> => {
    await inodes.settle();
    const { bytes, index } = encodeListing(
      directory.entries.map(({ name, inode }) => ({
        name,
        kind: inode.node.kind,
        number: inode.number,
        inode: referenceTo(inode.number),
      })),
    );
    const position = listings.append(bytes);
    await listings.settle();
    return {
      start: listings.reference(position),
      size: bytes.length,
      index: index.map(({ offset, name }) => ({
        offset,
        name,
        block: listings.blockStart(position + offset),
      })),
    };
  };

  for (const directory of plan.directories.toReversed()) {
    await writeLeaves(directory);
    const listing = await writeListing(directory);
    const inode = encodeInode({
      ...commonFields(directory, plan),
      kind: 'directory',
      parent: directory.parent,
      listing,
    });
    positions.set(directory.number, inodes.append(inode));
  }

  const inodeTable = await inodes.writeTo(output);
  const directoryTable = await listings.writeTo(output);
  const exports = Buffer.alloc(plan.inodeCount * exportEntrySize);
  for (const number of positions.keys()) {
    exports.writeBigUInt64LE(BigInt(referenceTo(number)), (number - 1) * exportEntrySize);
  }
  return { inodeTable, directoryTable, rootInode: referenceTo(plan.directories[0].number), exports };
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

function commonFields<C>(
  { number, links, xattrs, node }: PlannedLeaf<C> | PlannedDirectory<C>,
  plan: TreePlan<C>,
) {
  const { mode, uid, gid, mtime } = node.attributes;
  return { number, links, mode, uid: plan.ids.indexOf(uid), gid: plan.ids.indexOf(gid), mtime, xattrs };
}
