import { type ByteString, shown } from '../bytes/byte-string';
import { longestPath, splitPath } from './entry-path';
import type { ImageBudget } from './layer-budget';
import { layerProblem } from './layer-index';
import type { StoredContent } from './stored-content';
import { type Attributes, type Directory, type Node, nodeAt, noXattrs } from './tree';

/** Where a file's bytes lie: `layer` counts from 0, the lowest. */
export interface LayerContent extends StoredContent {
  readonly layer: number;
}

/** A folder of a tree that is still being merged. */
export interface OpenDirectory {
  readonly kind: 'directory';
  attributes: Attributes;
  readonly children: Map<ByteString, OpenNode>;
}

export type OpenNode = Exclude<Node<LayerContent>, Directory<LayerContent>> | OpenDirectory;

/** A folder that nobody described: what `mkdir -p` makes for root. */
export function newFolder(time: number): OpenDirectory {
  return {
    kind: 'directory',
    attributes: { mode: 0o755, uid: 0, gid: 0, mtime: time, xattrs: noXattrs },
    children: new Map(),
  };
}

/**
 * The folder that `path` means, through whatever links lie on the way; those that are missing are made. Throws a `Problem`
 * where there can be no such folder.
 */
export function makeFolders(
  root: OpenDirectory,
  path: ByteString,
  { time, budget }: { readonly time: number; readonly budget: ImageBudget },
): OpenDirectory {
  const present = nodeAlong(root, path.split('/'));
  if (present?.kind === 'directory') return present;

  const names = followLinks(root, path);
  if (names === undefined) {
    throw layerProblem(`it has something in ${shown(path)}, where links lead in a circle or too far`);
  }
  let folder = root;
  for (const name of names) {
    let child = folder.children.get(name);
    if (child === undefined) {
      budget.charge(1);
      child = newFolder(time);
      folder.children.set(name, child);
    }
    if (child.kind !== 'directory') {
      throw layerProblem(`it has something in ${shown(path)}, where ${shown(name)} is not a folder`);
    }
    folder = child;
  }
  return folder;
}

/** What `path` names, through links in its folders; a link that is its last name is given as it is. */
export function nodeBehindLinks(root: OpenDirectory, path: ByteString): OpenNode | undefined {
  const [parent, name] = splitPath(path);
  const names = followLinks(root, parent);
  return names && nodeAlong(root, [...names, name]);
}

/** The node that the names lead to from `root`, without following links; the root's own is `''`. */
export function nodeAlong(root: OpenDirectory, names: readonly ByteString[]): OpenNode | undefined {
  let node: OpenNode | undefined = root;
  for (const name of names) {
    if (name !== '') node = node?.kind === 'directory' ? node.children.get(name) : undefined;
  }
  return node;
}

/** Where a path leads through links, the last one included, and what lies there; undefined where that is nothing. */
export function behindLinks<C>(
  root: Directory<C>,
  path: ByteString,
): { readonly place: ByteString; readonly node: Node<C> } | undefined {
  const place = followLinks(root, path)?.join('/');
  const node = place === undefined ? undefined : nodeAt(root, place);
  return place === undefined || node === undefined ? undefined : { place, node };
}

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
