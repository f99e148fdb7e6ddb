import type { ByteString } from '../bytes/byte-string';
import { attributeChanges, objectChanges, sameBytes, type SameContent } from './differences';
import { withoutWhiteouts } from './stack';
import {
  type Directory,
  isWhiteout,
  type Kind,
  type Node,
  type Pair,
  type RegularFile,
  walk,
  walkBoth,
} from './tree';

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
  let left = limit;
  if (left === 0) return;
  for (const change of listed(overlaid(base, overlay), (pair) => changeAt(pair, sameContent))) {
    yield change;
    left -= 1;
    if (left === 0) return;
  }
}

/** What the base shows before, and the overlay after. A whiteout in a base hides nothing but itself. */
function* overlaid<B, O>(base: Directory<B>, overlay: Directory<O>): Generator<Pair<B, O>, void, undefined> {
  for (const { path, before, after } of walkBoth(base, overlay, 'after')) {
    yield { path, before: unlessWhiteout(before), after: unlessWhiteout(after) };
  }
}

function unlessWhiteout<C>(node: Node<C> | undefined): Node<C> | undefined {
  return node !== undefined && isWhiteout(node) ? undefined : node;
}

/** The changes at the pairs' paths, a further name of an inode with the first one that is listed. */
function* listed<B, A>(
  pairs: Iterable<Pair<B, A>>,
  changeOf: (pair: Pair<B, A>) => OverlayChange | undefined,
): Generator<OverlayChange, void, undefined> {
  const firstPaths = new Map<Node<A>, ByteString>();
  for (const pair of pairs) {
    const change = changeOf(pair);
    if (change === undefined) continue;
    const { path, after } = pair;
    const first = after && firstPaths.get(after);
    if (after !== undefined && first === undefined) firstPaths.set(after, path);
    yield first === undefined ? change : { ...change, hardLinkOf: first };
  }
}

function changeAt<B, A>(
  { path, before, after }: Pair<B, A>,
  sameContent: SameContent<B, A>,
): OverlayChange | undefined {
  return after === undefined ? deletion(path, before) : difference(path, after, before, sameContent);
}

/** What was there and is no more. Undefined of a whiteout over nothing, which does nothing. */
function deletion(path: ByteString, below: Node<unknown> | undefined): OverlayChange | undefined {
  if (below === undefined) return undefined;
  return { path, change: 'deleted', kind: below.kind, size: 0, ...baseFigures(below), details: [] };
}

/** Of what is there now against what was below. Undefined of a folder that is as the base has it. */
function difference<B, O>(
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

/** The pairs of files at the same path that only their bytes can tell apart: all that {@link treeChanges} asks about. */
export function sameSizedFiles<B, A>(
  before: Directory<B>,
  after: Directory<A>,
): readonly (readonly [RegularFile<B>, RegularFile<A>])[] {
  return [...walkBoth(before, after, 'after')].flatMap(({ before: was, after: is }) =>
    was?.kind === 'file' && is?.kind === 'file' && was.size === is.size && is.size > 0
      ? [[was, is] as const]
      : [],
  );
}

/**
 * What has changed from one tree to another, in byte order, folders before what is in them. Unlike an overlay's changes it
 * takes nothing for a whiteout: two overlays are compared as they are.
 */
export function treeChanges<B, A>(
  before: Directory<B>,
  after: Directory<A>,
  sameContent: SameContent<B, A>,
): OverlayChange[] {
  const changes = listed(walkBoth(before, after, 'all'), (pair) => {
    const change = changeAt(pair, sameContent);
    return change?.change === 'unchanged' ? undefined : change;
  });
  return [...changes];
}
