import type { ByteString } from '../bytes/byte-string';
import type { Directory, Node } from './tree';

/** A copy of `folder` in which `change` has been applied at the end of `names`, if real folders lead there. */
export function changed<C>(
  folder: Directory<C>,
  [name = '', ...rest]: readonly ByteString[],
  change: (node: Node<C> | undefined) => Node<C> | undefined,
): Directory<C> {
  const before = folder.children.get(name);
  let after: Node<C> | undefined = before;
  if (rest.length === 0) after = change(before);
  else if (before?.kind === 'directory') after = changed(before, rest, change);
  if (after === before) return folder;

  const children = new Map(folder.children);
  if (after === undefined) children.delete(name);
  else children.set(name, after);
  return { ...folder, children };
}
