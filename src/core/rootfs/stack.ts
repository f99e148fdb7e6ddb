import type { ByteString } from '../bytes/byte-string';
import { type Device, type Directory, isWhiteout, type Node, noXattrs } from './tree';

/** The one object that all whiteouts of all overlays are: one inode in a written image, however many names it has. */
export const whiteout: Device = {
  kind: 'char',
  attributes: { mode: 0, uid: 0, gid: 0, mtime: 0, xattrs: noXattrs },
  major: 0,
  minor: 0,
};

/**
 * A tree as overlayfs shows it when nothing lies below: a whiteout hides itself. Whatever holds none, be it the whole
 * tree, is not copied.
 */
export function withoutWhiteouts<C>(folder: Directory<C>): Directory<C> {
  let children: Map<ByteString, Node<C>> | undefined;
  for (const [name, node] of folder.children) {
    const shown = node.kind === 'directory' ? withoutWhiteouts(node) : node;
    if (shown === node && !isWhiteout(node)) continue;
    children ??= new Map(folder.children);
    if (isWhiteout(node)) children.delete(name);
    else children.set(name, shown);
  }
  return children === undefined ? folder : { ...folder, children };
}

/**
 * What a device shows of an overlay over a base: overlayfs with `lowerdir=overlay:base`. Nodes other than folders are the
 * very objects of the two trees.
 *
 * Opaque marks are not honoured: an image keeps them in xattrs, which the kernels of devices don't read from SquashFS.
 */
export function stackTrees<B, O>(base: Directory<B>, overlay: Directory<O>): Directory<B | O> {
  return stackOn(withoutWhiteouts(base), overlay);
}

function stackOn<B, O>(base: Directory<B>, overlay: Directory<O>): Directory<B | O> {
  const children = new Map<ByteString, Node<B | O>>(base.children);
  for (const [name, node] of overlay.children) {
    const below = base.children.get(name);
    if (isWhiteout(node)) children.delete(name);
    else if (node.kind !== 'directory') children.set(name, node);
    else if (below?.kind === 'directory') children.set(name, stackOn(below, node));
    else children.set(name, withoutWhiteouts(node));
  }
  return { ...overlay, children };
}
