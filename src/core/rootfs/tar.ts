import type { ByteReader } from '../bytes/byte-reader';
import type { ByteString } from './byte-string';
import { layerProblem, shown } from './layer-problem';
import { expandedContent, type Segment } from './stored-content';
import { padded } from './tar-header';
import { readTarHeaders, skipInTar, type TarHeaders } from './tar-headers';
import { gnuSparseFile, paxSparseFile, type SparseFile } from './tar-sparse';
import type { Attributes } from './tree';

export type TarKind = 'file' | 'hardlink' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo';

/** One entry of an archive; `name` and `linkName` are as they lie there, whatever they try to be. */
export interface TarEntry {
  readonly kind: TarKind;
  readonly name: ByteString;
  readonly linkName: ByteString;
  readonly attributes: Attributes;
  readonly major: number;
  readonly minor: number;
  /** Of the content with its holes filled; 0 for all but files. */
  readonly size: number;
  /** Of the first stored byte of the content, from the start of the archive. */
  readonly offset: number;
  /** Where the data of a sparse file belongs. */
  readonly segments?: readonly Segment[];
  /** The content with its holes filled. Can be read once, before the next entry is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Reads an uncompressed tar archive from a reader that stands at its start, up to its end mark; what may follow that is
 * left in the reader. An archive that just stops between two entries is accepted, as container runtimes do (Go's
 * archive/tar): the digest of a layer tells whether it is whole.
 */
export async function* readTar(reader: ByteReader): AsyncGenerator<TarEntry, void, undefined> {
  let headers = await readTarHeaders(reader);
  while (headers !== undefined) {
    const { header, pax } = headers;
    // The order of Go's archive/tar, should an archive contradict itself.
    const name = pax.get('GNU.sparse.name') ?? headers.longName ?? pax.get('path') ?? header.name;
    const kind = kindOf(header.type, name);
    const archivedSize = archivedSizeOf(headers, kind);
    const { end, file } = await locateContent(reader, headers, kind, archivedSize);
    if (kind !== 'label') {
      const stored = { offset: reader.position, ...file };
      yield {
        kind,
        name,
        linkName: headers.longLink ?? pax.get('linkpath') ?? header.linkName,
        attributes: attributesOf(headers, name),
        major: header.major,
        minor: header.minor,
        ...stored,
        content: expandedContent(reader, stored),
      };
    }
    await skipInTar(reader, end);
    headers = await readTarHeaders(reader);
  }
}

/** A label only names the archive. */
function kindOf(type: string, name: ByteString): TarKind | 'label' {
  switch (type) {
    case '\0': // v7 marks a directory only by its name
      return name.endsWith('/') ? 'directory' : 'file';
    case '0':
    case '7': // contiguous, which no file system tells apart
    case 'S': // sparse, in GNU's old format
      return 'file';
    case '1':
      return 'hardlink';
    case '2':
      return 'symlink';
    case '3':
      return 'char';
    case '4':
      return 'block';
    case '5':
      return 'directory';
    case '6':
      return 'fifo';
    case 'V':
      return 'label';
    default:
      throw layerProblem(
        `its tar archive has ${shown(name)} as an entry of an unknown type, "${shown(type)}"`,
      );
  }
}

/** Go's archive/tar, and so every container runtime, takes a size on anything but a file for a slip of the writer. */
function archivedSizeOf({ header, pax }: TarHeaders, kind: TarKind | 'label'): number {
  if (kind !== 'file' && kind !== 'label') return 0;
  const size = pax.count('size') ?? header.size;
  if (size < 0) throw layerProblem('its tar archive has an entry of negative size');
  return size;
}

/**
 * Goes on to the first byte of the content, and says where the next header stands: the map of a sparse file is part of
 * the archived size in PAX format 1.0, and is not in GNU's old one.
 */
async function locateContent(
  reader: ByteReader,
  { header, block, pax }: TarHeaders,
  kind: TarKind | 'label',
  archivedSize: number,
): Promise<{ end: number; file: { size: number } | SparseFile }> {
  const headersEnd = reader.position;
  if (header.type === 'S') {
    const file = await gnuSparseFile(block, reader, archivedSize);
    return { end: reader.position + padded(archivedSize), file };
  }
  const sparse = kind === 'file' ? await paxSparseFile(pax, reader, archivedSize) : undefined;
  return { end: headersEnd + padded(archivedSize), file: sparse ?? { size: archivedSize } };
}

const latest = 0xffffffff;
/** -1 stands for "no user" (chown(2)). */
const largestId = 0xfffffffe;

function attributesOf({ header, pax }: TarHeaders, name: ByteString): Attributes {
  const id = (value: number): number => {
    if (value >= 0 && value <= largestId) return value;
    throw layerProblem(`${shown(name)} belongs to a user or group ${value}, which Linux cannot have`);
  };
  return {
    mode: header.mode,
    uid: id(pax.count('uid') ?? header.uid),
    gid: id(pax.count('gid') ?? header.gid),
    mtime: Math.min(Math.max(pax.seconds('mtime') ?? header.mtime, 0), latest),
    xattrs: pax.xattrs,
  };
}
