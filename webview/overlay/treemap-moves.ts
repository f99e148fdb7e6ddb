import type { Rectangle, Tile } from './treemap-layout';

/** What of a tile is its own: of a group, what is above its tiles. No two of these overlap. */
export function ownPlace({ kind, place }: Tile, headHeight: number): Rectangle {
  return kind === 'group' ? { ...place, height: Math.min(place.height, headHeight) } : place;
}

/** Where a key leads from a rectangle: to the nearest in that direction, the first or the last; undefined where there is none. */
export function neighbour(places: readonly Rectangle[], from: number, key: string): number | undefined {
  switch (key) {
    case 'Home':
      return places.length > 0 ? 0 : undefined;
    case 'End':
      return places.length > 0 ? places.length - 1 : undefined;
    case 'ArrowRight':
      return nearest(places, from, (place) => place);
    case 'ArrowLeft':
      return nearest(places, from, ({ x, y, width, height }) => ({ x: -x - width, y, width, height }));
    case 'ArrowDown':
      return nearest(places, from, ({ x, y, width, height }) => ({
        x: y,
        y: x,
        width: height,
        height: width,
      }));
    case 'ArrowUp':
      return nearest(places, from, ({ x, y, width, height }) => ({
        x: -y - height,
        y: x,
        width: height,
        height: width,
      }));
    default:
      return undefined;
  }
}

/** Pixels between two that lie beside each other. */
const tolerance = 1;

/** @param turned turns the picture, so that what is looked for lies to the right. */
function nearest(
  places: readonly Rectangle[],
  from: number,
  turned: (place: Rectangle) => Rectangle,
): number | undefined {
  const start = places[from];
  if (start === undefined) return undefined;
  const { x, y, width, height } = turned(start);
  const middle = y + height / 2;
  let found: { readonly at: number; readonly distance: number; readonly aside: number } | undefined;
  for (const [at, place] of places.entries()) {
    const other = turned(place);
    const distance = other.x - (x + width);
    const isBeside = other.y < y + height && y < other.y + other.height;
    if (at === from || distance < -tolerance || !isBeside) continue;
    const aside = Math.max(other.y - middle, middle - (other.y + other.height), 0);
    const isNearer =
      found === undefined ||
      distance < found.distance - tolerance ||
      (distance <= found.distance + tolerance && aside < found.aside);
    if (isNearer) found = { at, distance, aside };
  }
  return found?.at;
}
