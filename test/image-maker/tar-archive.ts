import type { ByteString } from '../../src/core/bytes/byte-string';
import { defaultMode, type Entry, type HardLink, type Inode, markName } from './entry';
import { entryHeader, type PaxRecord } from './tar-extensions';
import { blockSize, type Dialect, emptyHeader, type HeaderFields, padded } from './tar-header';
import { sparseFile } from './tar-sparse';

export interface TarOptions {
  /** How names and numbers are written that are too large for a header; without it `ustar`, that is, as pax records. */
  readonly dialect?: Dialect;
  /** What precedes every name, as with `tar -C root -c .`; without it nothing. */
  readonly prefix?: '' | './' | '/';
}

/** A tar archive of these entries, in their order: the same entries give the same bytes. */
export function tarArchive(
  entries: readonly Entry[],
  { dialect = 'ustar', prefix = '' }: TarOptions = {},
): Buffer {
  const endMark = Buffer.alloc(2 * blockSize);
  return Buffer.concat([...entries.map((entry) => tarEntry(entry, dialect, prefix)), endMark]);
}

function tarEntry(entry: Entry, dialect: Dialect, prefix: string): Buffer {
  if (entry.kind === 'whiteout' || entry.kind === 'opaque') {
    return entryHeader({ ...emptyHeader, name: prefix + markName(entry), mode: 0o644 }, [], dialect);
  }
  const records: PaxRecord[] = [...(entry.xattrs ?? [])].map(([name, value]) => [
    `SCHILY.xattr.${name}`,
    value,
  ]);
  const fields = headerFields(entry, prefix);
  if (entry.kind !== 'file') return entryHeader(fields, records, dialect);

  const content = Buffer.from(entry.content);
  if (entry.sparse !== undefined) return sparseFile(entry.sparse, fields, records, content);
  const header = entryHeader({ ...fields, size: content.length }, records, dialect);
  return Buffer.concat([header, padded(content)]);
}

const types: Record<(Inode | HardLink)['kind'], string> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

function headerFields(
  entry: { readonly path: ByteString } & (Inode | HardLink),
  prefix: string,
): HeaderFields {
  const { kind, path, mode = defaultMode(kind), uid = 0, gid = 0, mtime = 0 } = entry;
  const name = path === '' ? './' : prefix + path + (kind === 'directory' ? '/' : '');
  const fields = { ...emptyHeader, name, type: types[kind], mode, uid, gid, mtime };
  switch (kind) {
    case 'hardlink':
      return { ...fields, linkName: prefix + entry.target };
    case 'symlink':
      return { ...fields, linkName: entry.target };
    case 'char':
    case 'block':
      return { ...fields, major: entry.major, minor: entry.minor };
    case 'file':
    case 'directory':
    case 'fifo':
      return fields;
  }
}
