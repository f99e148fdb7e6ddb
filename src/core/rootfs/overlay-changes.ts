import type { ByteString } from '../bytes/byte-string';
import { attributeChanges, objectChanges, sameBytes, type SameContent } from './node-changes';
import { type Directory, inByteOrder, isWhiteout, type Kind, type Node, walk } from './tree';
import { withoutWhiteouts } from './whiteouts';

/** One thing that an overlay does to its base, for people to read. */
export interface OverlayChange {
  /** `''` is the root. */
  readonly path: ByteString;
  /**
   * `attributes`: only mode, owner or xattrs. `unchanged`: the overlay holds what the base has too, as it must where
   * another name of the same inode changed, or with its own time beside what Python compiled from it.
   */
  readonly change: 'added' | 'changed' | 'attributes' | 'unchanged' | 'deleted';
  /** Of the object in the overlay; where it deletes, of the one in the base. */
  readonly kind: Kind;
  /** Bytes of content in the overlay, before compression; 0 of all but files. */
  readonly size: number;
  /** The path at which the same inode has been listed before: its `size` must not be counted twice. */
  readonly hardLinkOf?: ByteString;
  /** Bytes of content in the base, of a file that is changed or deleted. */
  readonly baseSize?: number;
  /** What disappears with a folder of the base that is deleted or that something else took the place of. */
  readonly hidden?: HiddenContent;
  /** `mode 0600 → 0755`, `target a → b` and the like. */
  readonly details: readonly string[];
}

export interface HiddenContent {
  /** Names below the folder, without its own. */
  readonly entries: number;
  /** Of all files below, hard links once. */
  readonly bytes: number;
}

/**
 * What an overlay does to `base`, in byte order, folders before what is in them. Folders that are there only to carry
 * what is in them are not listed.
 *
 * Without `sameContent`, a file of the same size counts as changed.
 *
 * @param limit how many are wanted; no more of the trees is looked at than these need.
 */
export function overlayChanges<B, O>(
  base: Directory<B>,
  overlay: Directory<O>,
  sameContent: SameContent<B, O> = () => false,
  limit = Infinity,
): OverlayChange[] {
  return [...changesOf(base, overlay, sameContent, limit)];
}

/**
 * Whether a change would be one of attributes only if the file's content turned out to be the base's. Where attributes are
 * the same the content is not: a file without any change has no place in an overlay.
 */
export function isContentInQuestion({ change, kind, size, baseSize, details }: OverlayChange): boolean {
  return change === 'changed' && kind === 'file' && size === baseSize && details.length > 0;
}

/** The same one by one. */
export function* changesOf<B, O>(
  base: Directory<B>,
  overlay: Directory<O>,
  sameContent: SameContent<B, O> = () => false,
  limit = Infinity,
): Generator<OverlayChange, void, undefined> {
  const firstPaths = new Map<Node<O>, ByteString>();
  let count = 0;
  for (const { path, node, below } of stacked('', overlay, base)) {
    if (count >= limit) return;
    const change = isWhiteout(node) ? deletion(path, below) : difference(path, node, below, sameContent);
    if (change === undefined) continue;
    const first = firstPaths.get(node);
    if (first === undefined) firstPaths.set(node, path);
    count += 1;
    yield first === undefined || isWhiteout(node) ? change : { ...change, hardLinkOf: first };
  }
}

interface Stacked<B, O> {
  readonly path: ByteString;
  readonly node: Node<O>;
  /** What the base has at `path`. */
  readonly below: Node<B> | undefined;
}

function* stacked<B, O>(
  path: ByteString,
  node: Node<O>,
  below: Node<B> | undefined,
): Generator<Stacked<B, O>, void, undefined> {
  yield { path, node, below };
  if (node.kind !== 'directory') return;
  for (const [name, child] of inByteOrder(node)) {
    yield* stacked(path === '' ? name : `${path}/${name}`, child, childOf(below, name));
  }
}

/** A whiteout in a base hides nothing but itself. */
function childOf<B>(folder: Node<B> | undefined, name: ByteString): Node<B> | undefined {
  const child = folder?.kind === 'directory' ? folder.children.get(name) : undefined;
  return child !== undefined && isWhiteout(child) ? undefined : child;
}

/** What was there and is no more. Undefined of a whiteout over nothing, which does nothing. */
export function deletion(path: ByteString, below: Node<unknown> | undefined): OverlayChange | undefined {
  if (below === undefined) return undefined;
  return { path, change: 'deleted', kind: below.kind, size: 0, ...baseFigures(below), details: [] };
}

/** Of what is there now against what was below. Undefined of a folder that is as the base has it. */
export function difference<B, O>(
  path: ByteString,
  node: Node<O>,
  below: Node<B> | undefined,
  sameContent: SameContent<B, O>,
): OverlayChange | undefined {
  const size = node.kind === 'file' ? node.size : 0;
  // The usual case, by its fields: spreading an object takes most of the time that a large overlay needs.
  if (below === undefined) return { path, kind: node.kind, size, change: 'added', details: [] };

  const known = { path, kind: node.kind, size };
  const ofObject = objectChanges(below, node);
  const ofAttributes = attributeChanges(below.attributes, node.attributes);
  const details = [...ofObject, ...ofAttributes];
  const isFolderInBoth = below.kind === 'directory' && node.kind === 'directory';
  if (isFolderInBoth) return details.length === 0 ? undefined : { ...known, change: 'attributes', details };

  const figures = baseFigures(below);
  if (ofObject.length > 0 || !sameBytes(below, node, sameContent)) {
    return { ...known, change: 'changed', ...figures, details };
  }
  return { ...known, change: details.length > 0 ? 'attributes' : 'unchanged', ...figures, details };
}

function baseFigures(below: Node<unknown>): Pick<OverlayChange, 'baseSize' | 'hidden'> {
  if (below.kind === 'file') return { baseSize: below.size };
  if (below.kind === 'directory') return { hidden: contentOf(withoutWhiteouts(below)) };
  return {};
}

function contentOf(folder: Directory<unknown>): HiddenContent {
  const inodes = new Set<Node<unknown>>();
  let entries = 0;
  let bytes = 0;
  for (const [, node] of walk(folder)) {
    entries += 1;
    if (node.kind === 'file' && !inodes.has(node)) bytes += node.size;
    inodes.add(node);
  }
  return { entries, bytes };
}
