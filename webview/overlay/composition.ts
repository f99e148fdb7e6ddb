import type { Item } from './contents';
import type { Entry } from './entry';
import { type FileKind, fileKindOf, fileKinds } from './file-kind';
import type { Scheme } from './look';

export type Category = NonNullable<Entry['change']> | FileKind;

/** In the order of legends. */
export const categories: Readonly<Record<Scheme, readonly Category[]>> = {
  change: ['added', 'changed', 'attributes', 'deleted', 'unchanged'],
  kind: fileKinds,
};

/** What folders weigh, and what of it is of which category. Each is looked at when it is asked for, and once. */
export class Compositions {
  readonly #scheme: Scheme;
  readonly #countsDeleted: boolean;
  readonly #known = new WeakMap<Item, Composition>();

  /** @param countsDeleted what is gone weighs what it weighed. */
  constructor(scheme: Scheme, { countsDeleted }: { readonly countsDeleted: boolean }) {
    this.#scheme = scheme;
    this.#countsDeleted = countsDeleted;
  }

  readonly weightOf = (item: Item): number =>
    this.#countsDeleted ? item.size + this.of(item).deleted : item.size;

  of(item: Item): Composition {
    const known = this.#known.get(item);
    if (known !== undefined) return known;
    const found = this.#read(item);
    if (item.children.length > 0) this.#known.set(item, found);
    return found;
  }

  /** The one that most of an item is of; undefined of what weighs nothing. */
  categoryOf(item: Item): Category | undefined {
    let most: readonly [Category, number] | undefined;
    for (const part of this.of(item).parts) if (most === undefined || part[1] > most[1]) most = part;
    return most?.[0];
  }

  #read(item: Item): Composition {
    const parts = new Map<Category, number>();
    let deleted = 0;
    const add = (category: Category, bytes: number) => {
      if (bytes > 0) parts.set(category, (parts.get(category) ?? 0) + bytes);
    };
    const addOwn = ({ entry }: Item) => {
      if (entry === undefined) return;
      const gone = this.#countsDeleted && entry.change === 'deleted' ? entry.baseSize : 0;
      if (entry.size + gone > 0) add(this.#categoryOf(entry), entry.size + gone);
      deleted += gone;
    };
    addOwn(item);
    for (const child of item.children) {
      // Most are files, for which a map of their own would be much.
      if (child.children.length === 0) addOwn(child);
      else {
        const own = this.of(child);
        deleted += own.deleted;
        for (const [category, bytes] of own.parts) add(category, bytes);
      }
    }
    return { parts, deleted };
  }

  #categoryOf({ path, kind, change, isExecutable }: Entry): Category {
    if (this.#scheme === 'change') return change ?? 'unchanged';
    return kind === 'file' ? fileKindOf(path, isExecutable) : 'other';
  }
}

interface Composition {
  /** Bytes. */
  readonly parts: ReadonlyMap<Category, number>;
  /** Bytes of what is no longer there. */
  readonly deleted: number;
}
