/** A rectangle, in the unit of the one it was cut from. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Cuts `area` into one rectangle for each weight, as square as they can be (Bruls, Huizing, van Wijk: Squarified Treemaps).
 *
 * @param weights above 0, the largest first.
 */
export function squarified(weights: readonly number[], area: Rectangle): readonly Rectangle[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const scale = total > 0 ? (area.width * area.height) / total : 0;
  const rectangles: Rectangle[] = [];
  let free = area;
  for (let start = 0; start < weights.length;) {
    const side = Math.min(free.width, free.height);
    let end = start + 1;
    let sum = weightAt(weights, start) * scale;
    while (end < weights.length) {
      const next = sum + weightAt(weights, end) * scale;
      if (worst(weights, start, end + 1, next, side, scale) > worst(weights, start, end, sum, side, scale))
        break;
      sum = next;
      end++;
    }
    free = placeRow(weights.slice(start, end), sum, scale, free, rectangles);
    start = end;
  }
  return rectangles;
}

function weightAt(weights: readonly number[], index: number): number {
  return weights[index] ?? 0;
}

/** How far from a square the least square one of a row is. */
function worst(
  weights: readonly number[],
  start: number,
  end: number,
  sum: number,
  side: number,
  scale: number,
): number {
  const largest = weightAt(weights, start) * scale;
  const smallest = weightAt(weights, end - 1) * scale;
  return Math.max((side * side * largest) / (sum * sum), (sum * sum) / (side * side * smallest));
}

/** Puts a row along the shorter side. @returns what is left. */
function placeRow(
  row: readonly number[],
  sum: number,
  scale: number,
  { x, y, width, height }: Rectangle,
  rectangles: Rectangle[],
): Rectangle {
  const isColumn = width >= height;
  const thickness = sum / Math.min(width, height);
  let along = isColumn ? y : x;
  for (const weight of row) {
    const length = (weight * scale) / thickness;
    rectangles.push(
      isColumn
        ? { x, y: along, width: thickness, height: length }
        : { x: along, y, width: length, height: thickness },
    );
    along += length;
  }
  return isColumn
    ? { x: x + thickness, y, width: width - thickness, height }
    : { x, y: y + thickness, width, height: height - thickness };
}
