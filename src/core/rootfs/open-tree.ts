import { type ByteString, shown } from '../bytes/byte-string';
import { splitPath } from './entry-path';
import type { ImageBudget } from './layer-budget';
import { layerProblem } from './layer-problem';
import { followLinks } from './scoped-path';
import type { StoredContent } from './stored-content';
import { type Attributes, type Directory, type Node, noXattrs } from './tree';

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
