import { walk, type Directory, type Hashed, type Node } from '../../../src/core/rootfs/tree';
import { modeFact } from '../../device-view/folder-listing';
import type { Listed, Listing } from '../../device-view/listing';

/** A tree in the form in which it can be compared with what tests know by other means. */
export function listTree(root: Directory<Hashed>): Listing {
  return new Map([['', root] as const, ...walk(root)].map(([path, node]) => [path, listed(node)]));
}

function listed(node: Node<Hashed>): Listed {
  const { mode, uid, gid, xattrs } = node.attributes;
  const facts = new Map([
    ['kind', node.kind],
    ['mode', modeFact(mode)],
    ['owner', `${uid}:${gid}`],
    ...[...xattrs].map(([name, value]) => [`xattr ${name}`, `0x${value.toString('hex')}`] as const),
  ]);
  if (node.kind === 'symlink') facts.set('target', node.target);
  if (node.kind === 'char' || node.kind === 'block') facts.set('device', `${node.major}:${node.minor}`);
  if (node.kind === 'file') facts.set('size', String(node.size)).set('sha256', node.content.sha256);
  return { facts, inode: node };
}
