import type { ByteString } from '../../src/core/bytes/byte-string';
import { defaultMode, type Entry, type Inode } from '../image-maker/entry';
import { contentFact, modeFact, ofOverlayfs } from './folder-listing';
import type { Listed, Listing } from './listing';

/** The simplest thing that can hold a file tree: hard links are equal objects, the root is `''`. */
export type ModelTree = ReadonlyMap<ByteString, Inode>;

export const emptyTree: ModelTree = new Map([['', { kind: 'directory' }]]);

/**
 * What a layer makes of the tree below it, by the letter of the OCI image-spec (layer.md, "Applying Changesets"), for
 * layers whose paths don't lead through symbolic links.
 */
export function applyLayer(lower: ModelTree, entries: readonly Entry[]): ModelTree {
  const tree = new Map(lower);
  for (const { kind, path } of entries) {
    if (kind === 'whiteout' || kind === 'opaque') removeBelow(tree, path);
    if (kind === 'whiteout') tree.delete(path);
  }
  for (const { path, ...entry } of entries) {
    if (entry.kind === 'whiteout' || entry.kind === 'opaque') continue;
    const inode = entry.kind === 'hardlink' ? tree.get(entry.target) : entry;
    if (inode === undefined) throw new Error(`a hard link to nothing: ${path}`);
    makeParents(tree, path);
    if (inode.kind !== 'directory') removeBelow(tree, path);
    tree.set(path, inode);
  }
  return tree;
}

function removeBelow(tree: Map<ByteString, Inode>, folder: ByteString): void {
  const prefix = folder === '' ? '' : `${folder}/`;
  for (const path of tree.keys()) if (path !== '' && path.startsWith(prefix)) tree.delete(path);
}

function makeParents(tree: Map<ByteString, Inode>, path: ByteString): void {
  for (const folder of parentsOf(path)) if (!tree.has(folder)) tree.set(folder, { kind: 'directory' });
}

/** `['a', 'a/b']` for `a/b/c`. */
export function parentsOf(path: ByteString): ByteString[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join('/'));
}

/** Entries that make the tree from nothing, each folder before what is in it. */
export function entriesOf(tree: ModelTree, mtime: number): Entry[] {
  const firstNames = new Map<Inode, ByteString>();
  return [...tree]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, inode]) => {
      const target = firstNames.get(inode);
      firstNames.set(inode, target ?? path);
      if (target === undefined || inode.kind === 'directory') return { ...inode, path, mtime };
      return { ...metadataOf(inode), kind: 'hardlink', target, path, mtime };
    });
}

/** What a hard link's entry repeats of the inode that it names. */
export function metadataOf({ kind, mode = defaultMode(kind), uid = 0, gid = 0 }: Inode): {
  mode: number;
  uid: number;
  gid: number;
} {
  return { mode, uid, gid };
}

export function listModel(tree: ModelTree): Listing {
  return new Map(
    [...tree].map(([path, inode]): [ByteString, Listed] => [path, { facts: factsOf(inode), inode }]),
  );
}

function factsOf(inode: Inode): ReadonlyMap<string, string> {
  const { mode, uid, gid } = metadataOf(inode);
  const facts = new Map([
    ['kind', inode.kind],
    ['mode', modeFact(inode.kind === 'symlink' ? 0o777 : mode)],
    ['owner', `${uid}:${gid}`],
  ]);
  for (const [name, value] of inode.xattrs ?? []) {
    if (!name.startsWith(ofOverlayfs)) facts.set(`xattr ${name}`, `0x${value.toString('hex')}`);
  }
  if (inode.kind === 'symlink') facts.set('target', inode.target);
  if (inode.kind === 'char' || inode.kind === 'block') facts.set('device', `${inode.major}:${inode.minor}`);
  if (inode.kind === 'file') {
    const content = Buffer.from(inode.content);
    facts.set('size', String(content.length));
    facts.set('sha256', contentFact(content));
  }
  return facts;
}
