import type { ByteString } from '../bytes/byte-string';

/** Extended attributes: full name (`security.capability`) to value bytes. */
export type Xattrs = ReadonlyMap<ByteString, Buffer>;

export const noXattrs: Xattrs = new Map();

export interface Attributes {
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970, 0 to 2^32 - 1 (all that SquashFS can hold). */
  readonly mtime: number;
  readonly xattrs: Xattrs;
}

/**
 * A regular file. `C` says where its bytes lie: in a layer, in a SquashFS file, in memory.
 * Two names that hold the same object are hard links to one inode; that is true of every kind but directories.
 */
export interface RegularFile<C> {
  readonly kind: 'file';
  readonly attributes: Attributes;
  readonly size: number;
  readonly content: C;
}

export interface Directory<C> {
  readonly kind: 'directory';
  readonly attributes: Attributes;
  readonly children: ReadonlyMap<ByteString, Node<C>>;
}

export interface Symlink {
  readonly kind: 'symlink';
  readonly attributes: Attributes;
  readonly target: ByteString;
}

export interface Device {
  readonly kind: 'char' | 'block';
  readonly attributes: Attributes;
  readonly major: number;
  readonly minor: number;
}

export interface Special {
  readonly kind: 'fifo' | 'socket';
  readonly attributes: Attributes;
}

export type Node<C> = RegularFile<C> | Directory<C> | Symlink | Device | Special;
export type Kind = Node<unknown>['kind'];

/** Content whose hash is known. `sha256` is lower-case hex of all `size` bytes of the file. */
export interface Hashed {
  readonly sha256: string;
}

/** One file's bytes on their way to a writer; `chunks` must be read to its end before the next is asked for. */
export interface FileContent<C> {
  readonly file: RegularFile<C>;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Character device 0:0: overlayfs hides what lies below it (kernel, Documentation/filesystems/overlayfs.rst). */
export function isWhiteout(node: Node<unknown>): node is Device {
  return node.kind === 'char' && node.major === 0 && node.minor === 0;
}

/** What lies in a folder, in the byte order of the names. */
export function inByteOrder<C>({ children }: Directory<C>): [ByteString, Node<C>][] {
  return [...children].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Every path below `root` with its node, parents before children, in byte order; paths have no leading slash. */
export function* walk<C>(root: Directory<C>, prefix: ByteString = ''): Generator<[ByteString, Node<C>]> {
  for (const [name, node] of inByteOrder(root)) {
    const path = prefix + name;
    yield [path, node];
    if (node.kind === 'directory') yield* walk(node, `${path}/`);
  }
}

/** Every regular file below `root`, hard links once, in the order of {@link walk}. */
export function regularFiles<C>(root: Directory<C>): RegularFile<C>[] {
  const files = new Set<RegularFile<C>>();
  gatherFiles(root, files);
  return [...files];
}

function gatherFiles<C>(folder: Directory<C>, files: Set<RegularFile<C>>): void {
  for (const [, node] of inByteOrder(folder)) {
    if (node.kind === 'file') files.add(node);
    else if (node.kind === 'directory') gatherFiles(node, files);
  }
}

/** The node at `path` (no leading slash, `''` is the root); symbolic links are not followed. */
export function nodeAt<C>(root: Directory<C>, path: ByteString): Node<C> | undefined {
  let node: Node<C> | undefined = root;
  for (const name of path.split('/')) {
    if (name === '') continue;
    node = node?.kind === 'directory' ? node.children.get(name) : undefined;
  }
  return node;
}

/** The file at `path`; undefined of anything else. */
export function fileAt<C>(root: Directory<C>, path: ByteString): RegularFile<C> | undefined {
  const node = nodeAt(root, path);
  return node?.kind === 'file' ? node : undefined;
}
