import { type ByteString, shownPath } from '../bytes/byte-string';
import { Problem } from '../problem';
import { splitPath } from '../rootfs/entry-path';
import { followLinks } from '../rootfs/open-tree';
import { type Directory, type Kind, type Node, nodeAt, type RegularFile } from '../rootfs/tree';
import type { BlockContent } from '../squashfs/block-content';
import type { Mount } from './mounts';

/** What lies at a path, behind the links on the way to it. */
export interface EntryFacts {
  /** `symlink` only of a link that leads to nothing. */
  readonly kind: Kind;
  /** The path itself names a symbolic link. */
  readonly isLink: boolean;
  /** Bytes; 0 of all but files. */
  readonly size: number;
  /** Seconds since 1970, as the file system has it. */
  readonly mtime: number;
  /** Milliseconds since 1970, when the files that hold the file system were last written. */
  readonly modified: number;
}

/** That there is nothing at a path, which is often a fair answer. */
export interface Absence {
  readonly absent: 'missing' | 'linkLoop' | 'noFolder';
}

export interface FolderEntry {
  readonly name: ByteString;
  /** Of what a link leads to; `symlink` where that is nothing, or leads in a circle. */
  readonly kind: Kind;
  readonly isLink: boolean;
}

/** @param path no slash at its beginning; `''` is the root. */
export function readFacts({ root, modified }: Mount, path: ByteString): EntryFacts | Absence {
  const found = findEntry(root, path);
  if (found.kind !== 'found') return { absent: found.kind };
  const { node, isLink } = found;
  return {
    kind: node.kind,
    isLink,
    size: node.kind === 'file' ? node.size : 0,
    mtime: node.attributes.mtime,
    modified,
  };
}

/** What lies in a folder, in no order. */
export function readFolder({ root }: Mount, path: ByteString): readonly FolderEntry[] | Absence {
  const found = findEntry(root, path);
  if (found.kind !== 'found') return { absent: found.kind };
  if (found.node.kind !== 'directory') return { absent: 'noFolder' };
  return [...found.node.children].map(([name, node]) => ({
    name,
    kind: node.kind === 'symlink' ? kindBehind(root, `${path}/${name}`) : node.kind,
    isLink: node.kind === 'symlink',
  }));
}

function kindBehind(root: Directory<BlockContent>, path: ByteString): Kind {
  const found = findEntry(root, path);
  return found.kind === 'found' ? found.node.kind : 'symlink';
}

/** @throws Problem when there is no regular file at the path. */
export function requireFile({ root }: Mount, path: ByteString): RegularFile<BlockContent> {
  const found = findEntry(root, path);
  const node = found.kind === 'found' ? found.node : undefined;
  if (node?.kind === 'file') return node;
  throw new Problem({
    doing: `reading ${shownPath(path)}`,
    found: found.kind === 'linkLoop' ? 'symbolic links lead in a circle' : whyNoFile(node),
    remedy: 'List the folder again: the file system may have been built anew',
  });
}

function whyNoFile(node: Exclude<Node<unknown>, RegularFile<unknown>> | undefined): string {
  switch (node?.kind) {
    case undefined:
      return 'there is no such file';
    case 'symlink':
      return 'the symbolic link leads to nothing';
    case 'directory':
      return 'it is a folder';
    case 'char':
    case 'block':
    case 'fifo':
    case 'socket':
      return 'it is a device or the like, without content';
  }
}

/** What a path means to a process whose root is the tree. */
type FoundEntry<C> =
  /** `node` is what a link leads to; the link itself where that is nothing. */
  | { readonly kind: 'found'; readonly node: Node<C>; readonly isLink: boolean }
  | { readonly kind: 'missing' }
  /** Links lead in a circle or too far. */
  | { readonly kind: 'linkLoop' };

/** Follows links inside the tree, and never out of it. */
function findEntry<C>(root: Directory<C>, path: ByteString): FoundEntry<C> {
  const [parent, name] = splitPath(path);
  const folder = followLinks(root, parent);
  if (folder === undefined) return { kind: 'linkLoop' };
  const own = nodeAt(root, [...folder, name].join('/'));
  if (own === undefined) return { kind: 'missing' };
  if (own.kind !== 'symlink') return { kind: 'found', node: own, isLink: false };

  const target = followLinks(root, path);
  if (target === undefined) return { kind: 'linkLoop' };
  return { kind: 'found', node: nodeAt(root, target.join('/')) ?? own, isLink: true };
}
