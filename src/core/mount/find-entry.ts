import type { ByteString } from '../bytes/byte-string';
import { splitPath } from '../rootfs/entry-path';
import { followLinks } from '../rootfs/open-tree';
import { type Directory, type Node, nodeAt } from '../rootfs/tree';

/** What a path means to a process whose root is the tree. */
export type FoundEntry<C> =
  /** `node` is what a link leads to; the link itself where that is nothing. */
  | { readonly kind: 'found'; readonly node: Node<C>; readonly isLink: boolean }
  | { readonly kind: 'missing' }
  /** Links lead in a circle or too far. */
  | { readonly kind: 'linkLoop' };

/** Follows links inside the tree, and never out of it. */
export function findEntry<C>(root: Directory<C>, path: ByteString): FoundEntry<C> {
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
