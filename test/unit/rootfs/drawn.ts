import {
  walk,
  type Attributes,
  type Directory,
  type Node,
  type RegularFile,
} from '../../../src/core/rootfs/tree';

/**
 * A tree as text, one line for each path: `etc/`, `etc/motd "hello"`, `bin -> usr/bin`, `dev/null char 1:3`; behind that
 * what is not as it usually is, `0600 1000:0 user.x=1`, and which earlier path has the same inode: `= etc/motd`.
 */
export function drawn<C>(root: Directory<C>, textOf: (file: RegularFile<C>) => string): string[] {
  const paths = new Map<Node<C>, string>();
  const lines = [...walk(root)].map(([path, node]) => {
    const first = paths.get(node);
    if (first === undefined) paths.set(node, path);
    const link = first === undefined ? '' : ` = ${first}`;
    return path + what(node, textOf) + unusual(node) + link;
  });
  const ofRoot = unusual(root);
  return ofRoot === '' ? lines : [`/${ofRoot}`, ...lines];
}

function what<C>(node: Node<C>, textOf: (file: RegularFile<C>) => string): string {
  switch (node.kind) {
    case 'file':
      return ` "${textOf(node)}"`;
    case 'directory':
      return '/';
    case 'symlink':
      return ` -> ${node.target}`;
    case 'char':
    case 'block':
      return ` ${node.kind} ${node.major}:${node.minor}`;
    case 'fifo':
    case 'socket':
      return ` ${node.kind}`;
  }
}

export function usualMode(kind: Node<unknown>['kind']): number {
  return kind === 'directory' ? 0o755 : kind === 'symlink' ? 0o777 : 0o644;
}

function unusual({ kind, attributes }: Node<unknown>): string {
  const { mode, uid, gid, xattrs }: Attributes = attributes;
  return [
    ...(mode === usualMode(kind) ? [] : [mode.toString(8).padStart(4, '0')]),
    ...(uid === 0 && gid === 0 ? [] : [`${uid}:${gid}`]),
    ...[...xattrs].map(([name, value]) => `${name}=${value.toString('latin1')}`),
  ]
    .map((fact) => ` ${fact}`)
    .join('');
}
