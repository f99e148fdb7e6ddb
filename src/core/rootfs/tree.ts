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

/** What two trees have at one path, of which at least one has something. */
export interface Pair<B, A> {
  /** Without a leading slash; `''` is the root. */
  readonly path: ByteString;
  readonly before: Node<B> | undefined;
  readonly after: Node<A> | undefined;
}

/**
 * How far a walk over two trees goes: `after` to all paths of the second, `all` also to what only the first has in folders
 * of the second, `shared` to what is in folders that both have. It never goes into a folder that only the first has.
 */
export type Extent = 'after' | 'all' | 'shared';

/**
 * The paths of two trees, the root first, in byte order, parents before children. No folder is looked into before the walk
 * goes on from it. Keeps its own stack: a path of 2048 folders costs no more than one of two.
 */
export function* walkBoth<B, A>(
  before: Directory<B>,
  after: Directory<A>,
  extent: Extent,
): Generator<Pair<B, A>, void, undefined> {
  const pending: Pair<B, A>[] = [{ path: '', before, after }];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    yield pair;
    if (pair.after?.kind !== 'directory') continue;
    if (extent === 'shared' && pair.before?.kind !== 'directory') continue;
    const { children } = pair.after;
    const old = pair.before?.kind === 'directory' ? pair.before.children : noChildren;
    const gone = extent === 'after' ? [] : [...old.keys()].filter((name) => !children.has(name));
    const prefix = pair.path === '' ? '' : `${pair.path}/`;
    for (const name of [...children.keys(), ...gone].sort().reverse()) {
      pending.push({ path: prefix + name, before: old.get(name), after: children.get(name) });
    }
  }
}

const noChildren: ReadonlyMap<ByteString, never> = new Map<ByteString, never>();
const nothing: Directory<never> = {
  kind: 'directory',
  attributes: { mode: 0, uid: 0, gid: 0, mtime: 0, xattrs: noXattrs },
  children: noChildren,
};

/** Every path below `root` with its node, parents before children, in byte order; paths have no leading slash. */
export function* walk<C>(root: Directory<C>): Generator<[ByteString, Node<C>], void, undefined> {
  for (const { path, after } of walkBoth(nothing, root, 'after')) {
    if (after !== undefined && path !== '') yield [path, after];
  }
}

/** Every regular file below `root`, hard links once, in the order of {@link walk}. */
export function regularFiles<C>(root: Directory<C>): RegularFile<C>[] {
  const files = new Set<RegularFile<C>>();
  for (const [, node] of walk(root)) if (node.kind === 'file') files.add(node);
  return [...files];
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
