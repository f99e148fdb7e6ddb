import type { ByteString } from '../../src/core/bytes/byte-string';
import { byteText } from '../byte-text';
import type { Entry } from './entry';
import type { Order } from './look';
import { compareNatural } from './natural-order';

/** A path with all that is below it. */
export interface Item {
  /** Of no other item; those below it have it before a slash. `''` is the root. */
  readonly path: ByteString;
  readonly name: string;
  /** What is to be shown in place of `path`, where that is no path of the file system. */
  readonly title?: string | undefined;
  /** What a filter looks in: the path as it is shown, in small letters. */
  readonly searched: string;
  /** Undefined of a folder that is only there to carry what is in it. */
  readonly entry: Entry | undefined;
  readonly isFolder: boolean;
  /** Of what is no entry. */
  readonly details?: string | undefined;
  /** By name, as people count. */
  readonly children: readonly Item[];
  /** Bytes, with all that is below. */
  readonly size: number;
  readonly baseSize: number;
  /** Entries, with this one and all that is below. */
  readonly count: number;
}

/** @param entries in byte order of their names, folders before what is in them; folders between may be missing. */
export function itemsOf(entries: readonly Entry[]): Item {
  const builder = new ItemBuilder();
  builder.add(entries);
  return builder.finish();
}

/** Makes a tree of entries that come in several parts, in the order that {@link itemsOf} wants them in. */
export class ItemBuilder {
  readonly #within: ByteString;
  readonly #root = new Draft('', undefined);
  /** Only of what something lies in, or may. */
  readonly #folders = new Map<ByteString, Draft>([['', this.#root]]);
  #parent = this.#root;

  /** @param within path of an item that the tree is to be below; without it, paths are those of the entries. */
  constructor(within: ByteString = '') {
    this.#within = within;
  }

  add(entries: readonly Entry[]): void {
    for (const entry of entries) this.#addEntry(entry);
  }

  /** To be called once. */
  finish(): Item {
    return this.#root.summedUp(this.#within);
  }

  #addEntry(entry: Entry): void {
    const { path, kind } = entry;
    const known = this.#folders.get(path);
    if (known !== undefined) {
      known.entry = entry;
      return;
    }
    const parent = this.#folderOf(path);
    if (kind === 'directory') this.#addFolder(parent, path, entry);
    else parent.children.push(leaf(entry, this.#within));
  }

  /** Mostly that of the entry before. */
  #folderOf(path: ByteString): Draft {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(slash, 0));
    if (this.#parent.path === folder) return this.#parent;
    const known = this.#folders.get(folder);
    return (this.#parent = known ?? this.#addFolder(this.#folderOf(folder), folder, undefined));
  }

  #addFolder(parent: Draft, path: ByteString, entry: Entry | undefined): Draft {
    const folder = new Draft(path, entry);
    this.#folders.set(path, folder);
    parent.children.push(folder);
    return folder;
  }
}

/** A folder of which more may come. */
class Draft {
  readonly children: (Item | Draft)[] = [];

  constructor(
    readonly path: ByteString,
    public entry: Entry | undefined,
  ) {}

  summedUp(within: ByteString): Item {
    const { path, entry } = this;
    const isFolder = entry === undefined || entry.kind === 'directory';
    const children = this.children
      .map((child) => (child instanceof Draft ? child.summedUp(within) : child))
      .sort((a, b) => compareNatural(a.name, b.name));
    return summed({ ...textsOf(path), ...placeOf(path, within), entry, isFolder }, children);
  }
}

const nothing: readonly Item[] = [];

function leaf(entry: Entry, within: ByteString): Item {
  const { size, baseSize } = entry;
  const { name, searched } = textsOf(entry.path);
  const { path, title } = placeOf(entry.path, within);
  return { path, title, name, searched, entry, isFolder: false, children: nothing, size, baseSize, count: 1 };
}

function placeOf(path: ByteString, within: ByteString): Pick<Item, 'path' | 'title'> {
  return within === '' ? { path } : { path: `${within}/${path}`, title: `/${byteText(path)}` };
}

/** The path of an item as it is shown. */
export function titleOf({ path, title }: Item): string {
  return title ?? `/${byteText(path)}`;
}

function textsOf(path: ByteString): { readonly name: string; readonly searched: string } {
  return {
    name: byteText(path.slice(path.lastIndexOf('/') + 1)),
    searched: byteText(path).toLowerCase(),
  };
}

/** An item with what its children weigh. */
export function summed(
  item: Omit<Item, 'children' | 'size' | 'baseSize' | 'count'>,
  children: readonly Item[],
): Item {
  let size = item.entry?.size ?? 0;
  let baseSize = item.entry?.baseSize ?? 0;
  let count = item.entry === undefined ? 0 : 1;
  for (const child of children) {
    size += child.size;
    baseSize += child.baseSize;
    count += child.count;
  }
  const { path, name, title, searched, entry, isFolder, details } = item;
  return { path, name, title, searched, entry, isFolder, details, children, size, baseSize, count };
}

export interface Filter {
  /** Wanted somewhere in the path; letters may be large or small. */
  readonly text: string;
  /** Of what is wanted: a change in the overlay, a kind in the other views. */
  readonly only: string | undefined;
}

/** What matches, with the folders on the way to it and sums of nothing else. */
export function filtered(root: Item, { text, only }: Filter): Item {
  const wanted = text.trim().toLowerCase();
  if (wanted === '' && only === undefined) return root;
  // As if each path began with a slash; to join that to each would take most of the time.
  const start = wanted.startsWith('/') ? wanted.slice(1) : undefined;
  const isFound = (searched: string) =>
    searched.includes(wanted) || (start !== undefined && searched.startsWith(start));
  const isWanted = (entry: Entry, searched: string): boolean =>
    (only === undefined || only === (entry.change ?? entry.kind)) && (wanted === '' || isFound(searched));
  const visit = (item: Item): Item | undefined => {
    const children: Item[] = [];
    for (const child of item.children) {
      const kept = visit(child);
      if (kept !== undefined) children.push(kept);
    }
    const entry = item.entry !== undefined && isWanted(item.entry, item.searched) ? item.entry : undefined;
    if (children.length === 0 && entry === undefined) return undefined;
    if (item.children.length === 0) return item;
    return summed({ ...item, entry }, children);
  };
  return visit(root) ?? summed({ ...root, entry: undefined }, []);
}

/** A line of the table. */
export interface Row {
  /** Of folders that stand in one row, the one that the others lead to. */
  readonly item: Item;
  /** Of all of them: `usr/lib/python3`. */
  readonly name: string;
  /** 1 is what lies in the root. */
  readonly level: number;
  readonly isExpanded: boolean;
}

/** What is to be seen: the items of expanded folders, sorted within each. The root is a line where something happens to it. */
export function rowsOf(
  root: Item,
  order: Order,
  isExpanded: (item: Item, level: number) => boolean,
): readonly Row[] {
  const rows: Row[] = [];
  if (root.entry !== undefined)
    rows.push({ item: { ...root, name: '/', children: [] }, name: '/', level: 1, isExpanded: false });
  const visit = (folder: Item, level: number) => {
    for (const first of sorted(folder.children, order)) {
      const { item, name } = compacted(first);
      const expanded = item.children.length > 0 && isExpanded(item, level);
      rows.push({ item, name, level, isExpanded: expanded });
      if (expanded) visit(item, level + 1);
    }
  };
  visit(root, 1);
  return rows;
}

/** Folders that hold nothing but the next, as one. None is left out whose own row would tell something. */
export function compacted(first: Item): { readonly item: Item; readonly name: string } {
  let item = first;
  let name = first.name;
  for (;;) {
    const [only, ...others] = item.children;
    if (!item.isFolder || only?.isFolder !== true || others.length > 0 || tellsMore(item, only)) break;
    item = only;
    name += `/${only.name}`;
  }
  return { item, name };
}

function tellsMore({ entry }: Item, { entry: next }: Item): boolean {
  // What is struck out is one folder, and not those on the way to it.
  if (next?.change === 'deleted') return true;
  if (entry === undefined) return false;
  const isAsItWas = entry.change === undefined || entry.change === 'unchanged';
  return !isAsItWas || entry.details !== next?.details;
}

function sorted(items: readonly Item[], { by, isDescending }: Order): readonly Item[] {
  if (by === 'name') return isDescending ? items.toReversed() : items;
  // What is equal stays in the order of names either way.
  const sign = isDescending ? -1 : 1;
  if (by === 'change') {
    return items.toSorted(
      (a, b) => sign * (changeOf(a) < changeOf(b) ? -1 : changeOf(a) > changeOf(b) ? 1 : 0),
    );
  }
  return items.toSorted((a, b) => sign * (a[by] - b[by]));
}

function changeOf({ entry }: Item): string {
  return entry === undefined ? '' : (entry.change ?? entry.kind);
}
