import { type ByteString, byteStringToText } from '../bytes/byte-string';
import {
  directoryEntrySize,
  directoryHeaderSize,
  inodeNumberSize,
  maxEntriesPerHeader,
  maxNameLength,
  type MetadataReference,
  metadataReference,
} from './format';
import type { MetadataTable } from './metadata';

export interface DirectoryEntry {
  readonly name: ByteString;
  readonly inode: MetadataReference;
}

/** What nobody needs who has the inode itself. */
const inodeNumberDifferenceSize = 2;
const typeSize = 2;

/**
 * The entries of a directory: runs of up to 256, each under a header that says which block of the inode table their
 * inodes lie in. A name that could lead out of its directory, or that no directory can have, is refused.
 */
export function* listDirectory(
  table: MetadataTable,
  listing: MetadataReference,
  size: number,
): Generator<DirectoryEntry> {
  if (size === 0) return;
  const cursor = table.at(listing);
  let left = size;
  const spend = (bytes: number) => {
    left -= bytes;
    if (left < 0) throw table.damaged('holds a directory whose entries are longer than it');
  };
  while (left > 0) {
    spend(directoryHeaderSize);
    const count = cursor.u32() + 1;
    const inodeBlock = cursor.u32();
    cursor.skip(inodeNumberSize);
    if (count > maxEntriesPerHeader)
      throw table.damaged(`holds a run of ${count} entries, more than there can be`);
    for (let index = 0; index < count; index++) {
      spend(directoryEntrySize);
      const inode = metadataReference(inodeBlock, cursor.u16());
      cursor.skip(inodeNumberDifferenceSize + typeSize);
      const nameLength = cursor.u16() + 1;
      if (nameLength > maxNameLength) throw table.damaged(`holds a name of ${nameLength} bytes`);
      spend(nameLength);
      const name = cursor.byteString(nameLength);
      if (name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
        throw table.damaged(
          `holds the name ${JSON.stringify(byteStringToText(name))}, which no file can have`,
        );
      }
      yield { name, inode };
    }
  }
}
