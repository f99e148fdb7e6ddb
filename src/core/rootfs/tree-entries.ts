import type { ByteString } from '../bytes/byte-string';
import { type Directory, type Kind, type Node, walk } from './tree';

/** A path of a tree, for people to read. */
export interface TreeEntry {
  readonly path: ByteString;
  readonly kind: Kind;
  /** Bytes of content, before compression; 0 of all but files. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Major and minor number of a device: `1:3`. */
  readonly device?: string;
  /** Of a symbolic link. */
  readonly target?: ByteString;
  /** The path at which the same inode has been listed before: its `size` must not be counted twice. */
  readonly hardLinkOf?: ByteString;
}

/**
 * Every path below `root` with its node, in byte order, folders before what is in them.
 *
 * @param limit how many are wanted; no more of the tree is looked at than these need.
 */
export function* listedEntries<C>(
  root: Directory<C>,
  limit = Infinity,
): Generator<readonly [TreeEntry, Node<C>], void, undefined> {
  const firstPaths = new Map<Node<C>, ByteString>();
  let count = 0;
  for (const [entryPath, node] of walk(root)) {
    if (count >= limit) return;
    const { mode, uid, gid } = node.attributes;
    const first = firstPaths.get(node);
    if (first === undefined) firstPaths.set(node, entryPath);
    const entry: TreeEntry = {
      path: entryPath,
      kind: node.kind,
      size: node.kind === 'file' ? node.size : 0,
      mode,
      uid,
      gid,
      ...('major' in node && { device: `${node.major}:${node.minor}` }),
      ...(node.kind === 'symlink' && { target: node.target }),
      ...(first !== undefined && { hardLinkOf: first }),
    };
    count += 1;
    yield [entry, node];
  }
}
