import type { ByteString } from '../bytes/byte-string';
import { longestPath } from './entry-path';
import type { Directory, Node } from './tree';

/** What Linux follows before it gives up with ELOOP (kernel, include/linux/namei.h, MAXSYMLINKS). */
const mostLinks = 40;
/** Names on the way, those in the links' targets included: twice as many as a path and a link can have together. */
const mostSteps = 8192;

/**
 * The names that lead to `path` without a symbolic link on the way, the last name's own link included: what a process
 * whose root is `root` would reach. It never leads out of the tree: `..` stops at the root, and an absolute target starts
 * there. Where nothing exists yet the names are taken as they are, so that the caller can make those folders. Undefined if
 * the links lead in a circle or too far.
 *
 * This is how containerd (continuity, fs.RootPath) and umoci (filepath-securejoin) find the parent of an entry.
 */
export function followLinks(root: Directory<unknown>, path: ByteString): ByteString[] | undefined {
  const pending = path.split('/').reverse();
  const reached: { readonly name: ByteString; readonly node: Node<unknown> | undefined }[] = [];
  let length = 0;
  let links = 0;
  let steps = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (++steps > mostSteps) return undefined;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      length -= (reached.pop()?.name.length ?? -1) + 1;
      continue;
    }
    const parent = reached.length === 0 ? root : reached.at(-1)?.node;
    const node = parent?.kind === 'directory' ? parent.children.get(name) : undefined;
    if (node?.kind !== 'symlink') {
      reached.push({ name, node });
      length += name.length + 1;
      if (length > longestPath) return undefined;
      continue;
    }
    links += 1;
    if (links > mostLinks) return undefined;
    if (node.target.startsWith('/')) {
      reached.length = 0;
      length = 0;
    }
    pending.push(...node.target.split('/').reverse());
  }
  return reached.map(({ name }) => name);
}
