import type { ByteString } from '../bytes/byte-string';
import { type Directory, isWhiteout, type Node } from './tree';
import { withoutWhiteouts } from './whiteouts';

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
