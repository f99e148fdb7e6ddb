import { type ByteString, shown, shownPath } from '../bytes/byte-string';
import { type Attributes, type Directory, type Node, type RegularFile, walkBoth, type Xattrs } from './tree';

/**
 * All places where `actual` is not what `expected` is, one line each, as people read them: `etc/x: mode 0600 → 0644`
 * where 0600 was expected. Times, and which names are hard links of each other, don't count. Empty if the trees agree.
 *
 * @param allowed paths at which they need not.
 */
export function differences<A, E>(
  actual: Directory<A>,
  expected: Directory<E>,
  sameContent: SameContent<A, E>,
  allowed: ReadonlySet<ByteString> = new Set(),
): string[] {
  const found: string[] = [];
  const missing: string[] = [];
  for (const { path, before, after } of walkBoth(expected, actual, 'shared')) {
    if (after === undefined) missing.push(line(path, 'missing'));
    else if (before === undefined) found.push(line(path, 'not expected'));
    else if (!sameNode(after, before, sameContent) && !allowed.has(path)) {
      const changes = [
        ...objectChanges(before, after),
        ...attributeChanges(before.attributes, after.attributes),
        ...(sameBytes(after, before, sameContent) ? [] : ['content differs']),
      ];
      found.push(line(path, changes.join(', ')));
    }
  }
  return [...found, ...missing];
}

function line(path: ByteString, what: string): string {
  return `${shownPath(path)}: ${what}`;
}

/** Answers whether two files of the same size, which is not 0, hold the same bytes. */
export type SameContent<A, B> = (a: RegularFile<A>, b: RegularFile<B>) => boolean;

/**
 * Two objects that a program in the container could not tell apart but by their times. Folders are compared without
 * what is in them. `sameContent` is asked last, and only if everything else is equal.
 */
export function sameNode<A, B>(a: Node<A>, b: Node<B>, sameContent: SameContent<A, B>): boolean {
  return (
    objectChanges(a, b).length === 0 &&
    sameAttributes(a.attributes, b.attributes) &&
    sameBytes(a, b, sameContent)
  );
}

/** True of everything but two files with different bytes. */
export function sameBytes<A, B>(a: Node<A>, b: Node<B>, sameContent: SameContent<A, B>): boolean {
  if (a.kind !== 'file' || b.kind !== 'file') return true;
  return a.size === b.size && (a.size === 0 || sameContent(a, b));
}

/** How what an object is differs, its attributes and content aside, as people read it; empty if it doesn't. */
export function objectChanges(before: Node<unknown>, after: Node<unknown>): string[] {
  if (before.kind === 'file' && after.kind === 'file') return change('size', before.size, after.size);
  if (before.kind === 'symlink' && after.kind === 'symlink') {
    return change('target', before.target, after.target, shown);
  }
  if ('major' in before && 'major' in after && before.kind === after.kind) {
    return change('device', `${before.major}:${before.minor}`, `${after.major}:${after.minor}`);
  }
  return change('kind', before.kind, after.kind);
}

/** Whether {@link attributeChanges} would find none, which is so of nearly all objects of two versions. */
export function sameAttributes(a: Attributes, b: Attributes): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && sameXattrs(a.xattrs, b.xattrs);
}

/** How mode, owner and xattrs differ, as people read it; empty if they don't. Times don't count. */
export function attributeChanges(before: Attributes, after: Attributes): string[] {
  return [
    ...change('mode', before.mode, after.mode, octal),
    ...(before.uid === after.uid && before.gid === after.gid
      ? []
      : change('owner', owner(before), owner(after))),
    ...xattrChanges(before.xattrs, after.xattrs),
  ];
}

function change<T>(what: string, before: T, after: T, show: (value: T) => string = String): string[] {
  return before === after ? [] : [`${what} ${show(before)} → ${show(after)}`];
}

function owner({ uid, gid }: Attributes): string {
  return `${uid}:${gid}`;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function sameXattrs(a: Xattrs, b: Xattrs): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) if (b.get(name)?.equals(value) !== true) return false;
  return true;
}

function xattrChanges(before: Xattrs, after: Xattrs): string[] {
  const changes: string[] = [];
  for (const [name, value] of after) {
    const old = before.get(name);
    if (old === undefined) changes.push(`attribute ${shown(name)} added`);
    else if (!old.equals(value)) changes.push(`attribute ${shown(name)} changed`);
  }
  for (const name of before.keys()) {
    if (!after.has(name)) changes.push(`attribute ${shown(name)} removed`);
  }
  return changes;
}
