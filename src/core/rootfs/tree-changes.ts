import type { ByteString } from '../bytes/byte-string';
import type { SameContent } from './node-changes';
import { deletion, difference, type OverlayChange } from './overlay-changes';
import { type Directory, inByteOrder, type Node, type RegularFile } from './tree';

/** The pairs of files at the same path that only their bytes can tell apart: all that {@link treeChanges} asks about. */
export function sameSizedFiles<B, A>(
  before: Directory<B>,
  after: Directory<A>,
): readonly (readonly [RegularFile<B>, RegularFile<A>])[] {
  return [...pairs('', before, after)].flatMap(({ was, is }) =>
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
  const firstPaths = new Map<Node<A>, ByteString>();
  const changes: OverlayChange[] = [];
  for (const { path, was, is } of pairs('', before, after)) {
    const change = is === undefined ? deletion(path, was) : difference(path, is, was, sameContent);
    if (change === undefined || change.change === 'unchanged') continue;
    const first = is && firstPaths.get(is);
    if (is !== undefined && first === undefined) firstPaths.set(is, path);
    changes.push(first === undefined ? change : { ...change, hardLinkOf: first });
  }
  return changes;
}

interface Pair<B, A> {
  readonly path: ByteString;
  readonly was: Node<B> | undefined;
  readonly is: Node<A> | undefined;
}

/** What is at each path of one tree or the other; nothing below a folder that is gone. */
function* pairs<B, A>(
  path: ByteString,
  was: Node<B> | undefined,
  is: Node<A> | undefined,
): Generator<Pair<B, A>, void, undefined> {
  yield { path, was, is };
  if (is?.kind !== 'directory') return;
  const old = was?.kind === 'directory' ? was.children : new Map<ByteString, Node<B>>();
  const removed = new Map([...old].filter(([name]) => !is.children.has(name)));
  for (const [name] of inByteOrder({
    ...is,
    children: new Map<ByteString, Node<A | B>>([...removed, ...is.children]),
  }))
    yield* pairs(path === '' ? name : `${path}/${name}`, old.get(name), is.children.get(name));
}
