import type { ByteString } from '../../src/core/rootfs/byte-string';
import { byteText } from '../byte-text';
import type { Entry } from './entry';

/** A path with all that is below it. */
export interface Item {
  /** `''` is the root. */
  readonly path: ByteString;
  readonly name: string;
  /** What a filter looks in: the path as it is shown, in small letters. */
  readonly searched: string;
  /** Undefined of a folder that is only there to carry what is in it. */
  readonly entry: Entry | undefined;
  readonly isFolder: boolean;
  /** In byte order. */
  readonly children: readonly Item[];
  /** Bytes, with all that is below. */
  readonly size: number;
  readonly baseSize: number;
  /** Entries, with this one and all that is below. */
  readonly count: number;
}

/** @param entries in byte order of their names, folders before what is in them; folders between may be missing. */
export function itemsOf(entries: readonly Entry[]): Item {
  const root = draft('', '');
  const drafts = new Map<ByteString, Draft>([['', root]]);
  const at = (path: ByteString): Draft => {
    const known = drafts.get(path);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf('/');
    const made = draft(path, byteText(path.slice(slash + 1)));
    drafts.set(path, made);
    at(path.slice(0, Math.max(slash, 0))).children.push(made);
    return made;
  };
  for (const entry of entries) at(entry.path).entry = entry;
  return finished(root);
}

interface Draft {
  readonly path: ByteString;
  readonly name: string;
  entry: Entry | undefined;
  readonly children: Draft[];
}

function draft(path: ByteString, name: string): Draft {
  return { path, name, entry: undefined, children: [] };
}

function finished({ path, name, entry, children }: Draft): Item {
  const searched = `/${byteText(path)}`.toLowerCase();
  const isFolder = entry === undefined || entry.kind === 'directory';
  return summed({ path, name, searched, entry, isFolder }, children.map(finished));
}

function summed(
  item: Pick<Item, 'path' | 'name' | 'searched' | 'entry' | 'isFolder'>,
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
  const { path, name, searched, entry, isFolder } = item;
  return { path, name, searched, entry, isFolder, children, size, baseSize, count };
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
  const isWanted = (entry: Entry, searched: string): boolean =>
    (only === undefined || only === (entry.change ?? entry.kind)) &&
    (wanted === '' || searched.includes(wanted));
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

export type SortKey = 'name' | 'change' | 'size' | 'baseSize';

export interface Order {
  readonly by: SortKey;
  readonly isDescending: boolean;
}

/** A line of the table. */
export interface Row {
  readonly item: Item;
  /** 1 is what lies in the root. */
  readonly level: number;
  readonly isExpanded: boolean;
}

/** What is to be seen: the items of expanded folders, sorted within each. The root is a line where something happens to it. */
export function rowsOf(root: Item, order: Order, isExpanded: (item: Item) => boolean): readonly Row[] {
  const rows: Row[] = [];
  if (root.entry !== undefined)
    rows.push({ item: { ...root, name: '/', children: [] }, level: 1, isExpanded: false });
  const visit = (folder: Item, level: number) => {
    for (const item of sorted(folder.children, order)) {
      const expanded = item.children.length > 0 && isExpanded(item);
      rows.push({ item, level, isExpanded: expanded });
      if (expanded) visit(item, level + 1);
    }
  };
  visit(root, 1);
  return rows;
}

function sorted(items: readonly Item[], { by, isDescending }: Order): readonly Item[] {
  if (by === 'name') return isDescending ? items.toReversed() : items;
  // What is equal stays in byte order either way.
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
