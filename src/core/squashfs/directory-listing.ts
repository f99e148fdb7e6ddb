import { type ByteString, byteStringFromBytes, byteStringToText } from '../rootfs/byte-string';
import { type MetadataReference, maxEntriesPerHeader, maxNameLength, metadataReference } from './format';
import type { MetadataTable } from './metadata';

export interface DirectoryEntry {
  readonly name: ByteString;
  readonly inode: MetadataReference;
}

const headerSize = 12;
const entrySize = 8;

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
  const take = (bytes: number) => {
    left -= bytes;
    if (left < 0) throw table.damaged('holds a directory whose entries are longer than it');
    return cursor.take(bytes);
  };
  while (left > 0) {
    const header = take(headerSize);
    const count = header.readUInt32LE(0) + 1;
    const inodeBlock = header.readUInt32LE(4);
    if (count > maxEntriesPerHeader)
      throw table.damaged(`holds a run of ${count} entries, more than there can be`);
    for (let index = 0; index < count; index++) {
      const entry = take(entrySize);
      const inode = metadataReference(inodeBlock, entry.readUInt16LE(0));
      const nameLength = entry.readUInt16LE(6) + 1;
      if (nameLength > maxNameLength) throw table.damaged(`holds a name of ${nameLength} bytes`);
      const name = byteStringFromBytes(take(nameLength));
      if (name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
        throw table.damaged(
          `holds the name ${JSON.stringify(byteStringToText(name))}, which no file can have`,
        );
      }
      yield { name, inode };
    }
  }
}
