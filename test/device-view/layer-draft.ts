import type { ByteString } from '../../src/core/bytes/byte-string';
import type { Entry, Inode } from '../image-maker/entry';
import { applyLayer, entriesOf, metadataOf, type ModelTree, parentsOf } from './model';
import type { Random } from './random';
import { randomName } from './random-name';

/**
 * A layer in the making. It keeps to what image builders write: no path is both changed and removed, and nothing is put
 * into a folder that is gone.
 */
export class LayerDraft {
  readonly #entries: Entry[] = [];
  readonly #touched = new Set<ByteString>();
  #tree: ModelTree;

  constructor(
    readonly random: Random,
    lower: ModelTree,
  ) {
    this.#tree = lower;
  }

  /** All that is there with the layer as it is so far. */
  get tree(): ModelTree {
    return this.#tree;
  }

  put(path: ByteString, inode: Inode): void {
    this.#add({ ...inode, path });
  }

  link(path: ByteString, target: ByteString): void {
    const inode = this.#tree.get(target);
    if (inode === undefined) throw new Error(`no such target: ${target}`);
    this.#add({ ...metadataOf(inode), kind: 'hardlink', target, path });
    this.#touched.add(target);
  }

  hide(path: ByteString): void {
    this.#add({ kind: 'whiteout', path });
  }

  makeOpaque(folder: ByteString): void {
    this.#add({ kind: 'opaque', path: folder });
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    this.#touched.add(entry.path);
    this.#tree = applyLayer(this.#tree, [entry]);
  }

  /** Any folder, the root included. */
  folder(accept: (inode: Inode) => boolean = () => true): ByteString {
    const folders = [...this.#tree].filter(([, inode]) => inode.kind === 'directory' && accept(inode));
    return this.random.pickFrom(folders)?.[0] ?? '';
  }

  /** A path at which nothing is, in any folder. */
  newPath(folder = this.folder()): ByteString {
    for (let suffix = ''; ; suffix += '_') {
      const name = randomName(this.random) + suffix;
      const path = folder === '' ? name : `${folder}/${name}`;
      if (name.length <= 255 && !this.#tree.has(path)) return path;
    }
  }

  /** Something of the layers below that this one has left alone so far, with all that is in it. */
  untouched(accept: (inode: Inode) => boolean = () => true): ByteString | undefined {
    const touched = new Set([...this.#touched, ...[...this.#touched].flatMap(parentsOf)]);
    const candidates = [...this.#tree].filter(
      ([path, inode]) => path !== '' && !touched.has(path) && accept(inode),
    );
    return this.random.pickFrom(candidates)?.[0];
  }

  /**
   * The layer's entries. Marks hide lower layers only, so they may stand anywhere; with `withParents` there is an entry for
   * each folder on the way to a change, as layers have that were taken from overlayfs.
   */
  finish({ withParents }: { readonly withParents: boolean }): Entry[] {
    const isMark = ({ kind }: Entry): boolean => kind === 'whiteout' || kind === 'opaque';
    const changes = this.#entries.filter((entry) => !isMark(entry));
    const entries = withParents ? this.#withParents(changes) : changes;
    for (const mark of this.#entries.filter(isMark)) {
      entries.splice(this.random.below(entries.length + 1), 0, mark);
    }
    return entries;
  }

  /** Each right before the first change that needs it: what it is in may be new as well. */
  #withParents(changes: readonly Entry[]): Entry[] {
    const listed = new Set(changes.filter(({ kind }) => kind === 'directory').map(({ path }) => path));
    return changes.flatMap((change) => {
      const parents = new Map<ByteString, Inode>();
      for (const path of parentsOf(change.path)) {
        const folder = this.#tree.get(path);
        if (folder !== undefined && !listed.has(path)) parents.set(path, folder);
        listed.add(path);
      }
      return [...entriesOf(parents, 1_600_000_000), change];
    });
  }
}
