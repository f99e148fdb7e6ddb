import { hierarchy, treemap } from 'd3-hierarchy';
import type { Item } from './contents';

/** In pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Tile {
  /** `group`: its children are tiles, too. `rest`: all of `item`'s children that are too small to be seen. */
  readonly kind: 'group' | 'leaf' | 'rest';
  /** Of folders that hold nothing but the next, the one that the others lead to. */
  readonly item: Item;
  /** Of all of them: `usr/share/www`. Of the rest, that of the folder. */
  readonly name: string;
  /** From 1 on. */
  readonly level: number;
  readonly weight: number;
  /** How many items it stands for: 1, but for the rest. */
  readonly count: number;
  readonly place: Rectangle;
}

export interface Layout {
  /** Above 0 of what is to be seen. */
  readonly weightOf: (item: Item) => number;
  /** Pixels: what a group has of its own above its tiles. */
  readonly headHeight: number;
  /** Whether a group of that width could say what it is. */
  readonly fits: (name: string, width: number) => boolean;
}

/** How many levels are shown at once; of what takes a good part of the picture, more. */
const levels = 3;
const mostLevels = 6;
const largePart = 1 / 10;
/** Pixels around the tiles of a group, and between any two. */
const margin = 2;
const gap = 1;
/** Square pixels. What is smaller can't be pointed at, or told from what is beside it. */
const smallestTile = 18 * 18;
/** More can't be looked at, however large the screen. */
const mostTiles = 1500;

/**
 * What weighs in a folder as rectangles of that size, with what is in these; groups before their tiles. Only what is large enough to
 * be seen is looked at, so that it doesn't matter how much there is.
 */
export function laidOut(folder: Item, area: Rectangle, layout: Layout): readonly Tile[] {
  const tiles: Tile[] = [];
  const smallest = Math.max(smallestTile, (area.width * area.height) / mostTiles);
  const visit = (parent: Item, room: Rectangle, level: number, last: number) => {
    const parts = partsOf(parent, room, smallest, layout);
    for (const [part, place] of squarified(parts, room)) {
      const { item, weight, count } = part;
      if (item === undefined) {
        tiles.push({ kind: 'rest', item: parent, name: parent.name, level, weight, count, place });
        continue;
      }
      const chain = joined(item, layout);
      const inner = insideOf(place, layout);
      // The one group that all is in takes no level from what is in it.
      const deepest = parts.length === 1 && level === 1 ? last + 1 : last;
      const isGroup =
        (level < deepest || (level < mostLevels && isLarge(place, area))) &&
        chain.item.children.length > 0 &&
        inner.height > layout.headHeight &&
        layout.fits(chain.name, inner.width) &&
        partsOf(chain.item, inner, smallest, layout).some((one) => one.item !== undefined);
      tiles.push({ kind: isGroup ? 'group' : 'leaf', ...chain, level, weight, count, place });
      if (isGroup) visit(chain.item, inner, level + 1, deepest);
    }
  };
  visit(folder, area, 1, levels);
  return tiles;
}

function isLarge({ width, height }: Rectangle, whole: Rectangle): boolean {
  return width * height > whole.width * whole.height * largePart;
}

/** Where the tiles of a group lie. */
function insideOf({ x, y, width, height }: Rectangle, { headHeight }: Layout): Rectangle {
  return {
    x: x + margin,
    y: y + headHeight,
    width: Math.max(0, width - 2 * margin),
    height: Math.max(0, height - headHeight - margin),
  };
}

/** Folders of which only another one weighs, as one. */
export function joined(first: Item, { weightOf }: Pick<Layout, 'weightOf'>): Pick<Tile, 'item' | 'name'> {
  let item = first;
  let name = first.name;
  for (;;) {
    const only = onlyHeavy(item, weightOf);
    if (!item.isFolder || only === undefined || !only.isFolder || only.children.length === 0) break;
    item = only;
    name += `/${only.name}`;
  }
  return { item, name };
}

function onlyHeavy({ children }: Item, weightOf: Layout['weightOf']): Item | undefined {
  let found: Item | undefined;
  for (const child of children) {
    if (weightOf(child) <= 0) continue;
    if (found !== undefined) return undefined;
    found = child;
  }
  return found;
}

interface Part {
  /** Undefined of the rest. */
  readonly item: Item | undefined;
  readonly weight: number;
  readonly count: number;
}

/** The largest first, the rest among them where its weight belongs. */
function partsOf(
  folder: Item,
  { width, height }: Rectangle,
  smallest: number,
  { weightOf }: Layout,
): readonly Part[] {
  const heavy: Part[] = [];
  let total = 0;
  for (const item of folder.children) {
    const weight = weightOf(item);
    if (weight <= 0) continue;
    heavy.push({ item, weight, count: 1 });
    total += weight;
  }
  const least = (smallest * total) / Math.max(1, width * height);
  const parts = heavy.filter(({ weight }) => weight >= least);
  const small = heavy.length - parts.length;
  if (small === 1) return heavy.sort(byWeight);
  if (small > 1) {
    const weight = total - parts.reduce((sum, part) => sum + part.weight, 0);
    parts.push({ item: undefined, weight, count: small });
  }
  return parts.sort(byWeight);
}

function byWeight(a: Part, b: Part): number {
  return b.weight - a.weight;
}

/** A rectangle for each part, as square as they can be, at whole pixels. */
function squarified(parts: readonly Part[], area: Rectangle): readonly (readonly [Part, Rectangle])[] {
  if (parts.length === 0 || area.width < 1 || area.height < 1) return [];
  const root = hierarchy<{ readonly part?: Part; readonly parts?: readonly Part[] }>({ parts }, (node) =>
    node.parts?.map((part) => ({ part })),
  ).sum(({ part }) => part?.weight ?? 0);
  const placed = treemap<typeof root.data>().size([area.width, area.height]).paddingInner(gap).round(true)(
    root,
  );
  return (placed.children ?? []).flatMap(({ data: { part }, x0, y0, x1, y1 }) => {
    if (part === undefined || x1 <= x0 || y1 <= y0) return [];
    return [[part, { x: area.x + x0, y: area.y + y0, width: x1 - x0, height: y1 - y0 }] as const];
  });
}
