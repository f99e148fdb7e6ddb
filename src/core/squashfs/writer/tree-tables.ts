import { setImmediate } from 'node:timers/promises';
import type { Hashed } from '../../rootfs/tree';
import { exportEntrySize, type MetadataReference } from '../format';
import type { BlockCompressor } from './block-compressor';
import type { StoredContents } from './contents';
import { type DirectoryListing, encodeInode, type InodeFields } from './encode-inode';
import { encodeListing, type IndexEntry } from './encode-listing';
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
