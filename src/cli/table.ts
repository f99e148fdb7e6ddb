/** Rows of text as columns two spaces apart; columns in `rightAligned` (indexes) hold numbers. Lines have no trailing space. */
export function formatTable(
  rows: readonly (readonly string[])[],
  rightAligned: ReadonlySet<number> = new Set(),
): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell))));
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const padding = ' '.repeat((widths[column] ?? 0) - displayWidth(cell));
          return rightAligned.has(column) ? padding + cell : cell + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Made when it is wanted: the system's tables take longer to load than most commands run. */
let graphemes: Intl.Segmenter | undefined;

/**
 * What begins so is two columns wide: Unicode's East Asian wide and fullwidth characters, by the blocks that they fill, and emoji.
 * Unassigned code points between them are wide as well (UAX #11).
 */
const wide =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18dff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}])/u;

/** Combining marks that take no column of their own, and characters that nobody sees. */
const withoutWidth = /[\p{Mn}\p{Me}\p{Cf}]/gu;

/** How many columns of a terminal a text without control characters takes. */
export function displayWidth(text: string): number {
  // Nearly every name of a file, and there can be many thousands.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of (graphemes ??= new Intl.Segmenter()).segment(text)) {
    width += wide.test(segment) ? 2 : Array.from(segment.replace(withoutWidth, '')).length;
  }
  return width;
}
