import type { ByteString } from '../bytes/byte-string';
import { readTarHeaders, skipContent, type TarHeaders } from './headers';
import { gnuSparseFile, paxSparseFile, type Segment, type SparseFile } from './sparse';
import { DamagedTar, type TarInput } from './tar-input';

export type TarKind = 'file' | 'hardlink' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo' | 'unknown';

/** One entry of an archive; all is as it lies there, whatever it tries to be. */
export interface TarEntry {
  readonly kind: TarKind;
  /** The letter in the header that says so. */
  readonly type: string;
  readonly name: ByteString;
  readonly linkName: ByteString;
  readonly attributes: {
    /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
    readonly mode: number;
    readonly uid: number;
    readonly gid: number;
    /** Whole seconds since 1970; may be negative. */
    readonly mtime: number;
    readonly xattrs: ReadonlyMap<ByteString, Buffer>;
  };
  readonly major: number;
  readonly minor: number;
  /** Of the content with its holes filled; 0 for all that has none. */
  readonly size: number;
  /** Of the first stored byte of the content, from the start of the archive. */
  readonly offset: number;
  /** Where the data of a sparse file belongs. */
  readonly segments?: readonly Segment[];
}

/**
 * Reads an uncompressed tar archive, of a layer or with an image in it, from `input`, which stands at its start, up to its
 * end mark; what may follow that is left there. While an entry is yielded, `input` stands at the first stored byte of its
 * content. An archive that just stops between two entries, or in the zeros behind the last one, is accepted, as container
 * runtimes do (Go's archive/tar): a digest tells whether it is whole.
 *
 * @throws DamagedTar
 */
export async function* readTar(input: TarInput): AsyncGenerator<TarEntry, void, undefined> {
  for (;;) {
    const headers = await readTarHeaders(input);
    if (headers === undefined) return;
    const { header, pax } = headers;
    // The order of Go's archive/tar, should an archive contradict itself.
    const name = pax.get('GNU.sparse.name') ?? headers.longName ?? pax.get('path') ?? header.name;
    const kind = kindOf(header.type, name);
    const { end, file } = await locateContent(input, headers, kind, archivedSizeOf(headers, kind));
    if (kind !== 'label') {
      yield {
        kind,
        type: header.type,
        name,
        linkName: headers.longLink ?? pax.get('linkpath') ?? header.linkName,
        attributes: {
          mode: header.mode,
          uid: pax.count('uid') ?? header.uid,
          gid: pax.count('gid') ?? header.gid,
          mtime: pax.seconds('mtime') ?? header.mtime,
          xattrs: pax.xattrs,
        },
        major: header.major,
        minor: header.minor,
        offset: input.position,
        ...file,
      };
    }
    await skipContent(input, end);
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
      return 'unknown';
  }
}

const withContent: ReadonlySet<TarKind | 'label'> = new Set(['file', 'label', 'unknown'] as const);

/** Go's archive/tar, and so every container runtime, takes a size on anything but a file for a slip of the writer. */
function archivedSizeOf({ header, pax }: TarHeaders, kind: TarKind | 'label'): number {
  if (!withContent.has(kind)) return 0;
  const size = pax.count('size') ?? header.size;
  if (size < 0) throw new DamagedTar('has an entry of negative size');
  return size;
}

/**
 * Goes on to the first byte of the content, and says where its last one ends: the map of a sparse file is part of
 * the archived size in PAX format 1.0, and is not in GNU's old one.
 */
async function locateContent(
  input: TarInput,
  { header, block, pax }: TarHeaders,
  kind: TarKind | 'label',
  archivedSize: number,
): Promise<{ end: number; file: { size: number } | SparseFile }> {
  const headersEnd = input.position;
  if (header.type === 'S') {
    const file = await gnuSparseFile(block, input, archivedSize);
    return { end: input.position + archivedSize, file };
  }
  const sparse = kind === 'file' ? await paxSparseFile(pax, input, archivedSize) : undefined;
  return { end: headersEnd + archivedSize, file: sparse ?? { size: archivedSize } };
}
