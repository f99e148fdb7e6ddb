import type {
  Attributes,
  Device,
  Directory,
  Node,
  RegularFile,
  Special,
  Symlink,
} from '../../../src/core/rootfs/tree';
import { noXattrs } from '../../../src/core/rootfs/tree';
import { drawn, usualMode } from './drawn';

/** A tree whose files hold their text themselves. */
export type TextTree = Directory<string>;

type Some = Partial<Attributes>;

const attributes = (kind: Node<unknown>['kind'], some: Some): Attributes => ({
  mode: usualMode(kind),
  uid: 0,
  gid: 0,
  mtime: 0,
  xattrs: noXattrs,
  ...some,
});

export const file = (content = '', some: Some = {}): RegularFile<string> => ({
  kind: 'file',
  attributes: attributes('file', some),
  size: content.length,
  content,
});
export const folder = (some: Some = {}): TextTree => ({
  kind: 'directory',
  attributes: attributes('directory', some),
  children: new Map(),
});
export const symlink = (target: string, some: Some = {}): Symlink => ({
  kind: 'symlink',
  attributes: attributes('symlink', some),
  target,
});
export const device = (
  major: number,
  minor: number,
  kind: Device['kind'] = 'char',
  some: Some = {},
): Device => ({
  kind,
  attributes: attributes(kind, some),
  major,
  minor,
});
export const special = (kind: Special['kind'], some: Some = {}): Special => ({
  kind,
  attributes: attributes(kind, some),
});
export const xattrs = (values: Readonly<Record<string, string>>): Some => ({
  xattrs: new Map(Object.entries(values).map(([name, value]) => [name, Buffer.from(value, 'latin1')])),
});

/** A tree of these paths; `''` is the root. Folders on the way need not be named, hard links are equal objects. */
export function tree(nodes: Readonly<Record<string, Node<string>>>): TextTree {
  return Object.entries(nodes).reduce(
    (root, [path, node]) => withNode(root, path === '' ? [] : path.split('/'), node),
    folder(),
  );
}

function withNode(parent: TextTree, [name, ...rest]: readonly string[], node: Node<string>): TextTree {
  if (name === undefined) return { ...parent, attributes: node.attributes };
  const present = parent.children.get(name);
  const below = present?.kind === 'directory' ? present : folder();
  const child = rest.length === 0 && node.kind !== 'directory' ? node : withNode(below, rest, node);
  return { ...parent, children: new Map([...parent.children, [name, child]]) };
}

/** As {@link drawn} has it. */
export function shown(root: TextTree): string[] {
  return drawn(root, ({ content }) => content);
}

export const sameText = (a: RegularFile<string>, b: RegularFile<string>): boolean => a.content === b.content;
