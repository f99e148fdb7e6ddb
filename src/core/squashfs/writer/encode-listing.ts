import type { ByteString } from '../../bytes/byte-string';
import type { Kind } from '../../rootfs/tree';
import {
  directoryEntrySize,
  directoryHeaderSize,
  inodeType,
  maxEntriesPerHeader,
  metadataBlockSize,
  type MetadataReference,
  splitMetadataReference,
} from '../format';

export interface ListedEntry {
  readonly name: ByteString;
  readonly kind: Kind;
  readonly number: number;
  readonly inode: MetadataReference;
}

/** A place in a listing where a lookup can begin: a header at `offset`, and the first name below it. */
export interface IndexEntry {
  readonly offset: number;
  readonly name: ByteString;
}

export interface Listing {
  readonly bytes: Buffer;
  /** Empty where a lookup can as well read from the beginning. */
  readonly index: readonly IndexEntry[];
}

const largestDelta = 0x7fff;

/**
 * A directory's entries, which must come in byte order of their names: runs below headers, where a run has inodes of one
 * metadata block with numbers near the header's (struct squashfs_dir_header, squashfs_dir_entry). As mksquashfs does it, a
 * run also ends where it would be more than a metadata block from the last place of the index, so that the kernel finds a
 * name in the largest directory by reading one or two blocks.
 */
export function encodeListing(entries: readonly ListedEntry[]): Listing {
  const atMost = entries.reduce(
    (sum, { name }) => sum + directoryHeaderSize + directoryEntrySize + name.length,
    0,
  );
  const bytes = Buffer.alloc(atMost);
  const index: IndexEntry[] = [];
  let end = 0;
  let indexed = 0;
  let run: Run | undefined;

  for (const { name, kind, number, inode } of entries) {
    const { block, offset } = splitMetadataReference(inode);
    const farFromIndex = end + directoryEntrySize + name.length - indexed > metadataBlockSize;
    if (run === undefined || farFromIndex || !mayJoin(run, block, number)) {
      if (run !== undefined && farFromIndex) {
        index.push({ offset: end, name });
        indexed = end;
      }
      run = { start: end, block, number, count: 0 };
      bytes.writeUInt32LE(block, end + 4);
      bytes.writeUInt32LE(number, end + 8);
      end += directoryHeaderSize;
    }
    bytes.writeUInt32LE(run.count++, run.start);
    bytes.writeUInt16LE(offset, end);
    bytes.writeInt16LE(number - run.number, end + 2);
    bytes.writeUInt16LE(inodeType[kind], end + 4);
    bytes.writeUInt16LE(name.length - 1, end + 6);
    bytes.write(name, end + directoryEntrySize, 'latin1');
    end += directoryEntrySize + name.length;
  }
  return { bytes: bytes.subarray(0, end), index };
}

interface Run {
  /** Where its header lies in the listing. */
  readonly start: number;
  readonly block: number;
  readonly number: number;
  count: number;
}

function mayJoin(run: Run, block: number, number: number): boolean {
  return (
    run.count < maxEntriesPerHeader && run.block === block && Math.abs(number - run.number) <= largestDelta
  );
}
