import type { Row } from './contents';

/** What a key does in a tree grid (WAI-ARIA Authoring Practices, "Treegrid Pattern", with the focus on rows). */
export interface Move {
  /** Of the row that is active then. */
  readonly index: number;
  readonly isToggled?: boolean;
  readonly isActivated?: boolean;
}

/**
 * @param index of the active row; -1 for none.
 * @param pageLength in rows.
 * @returns undefined where the key means nothing.
 */
export function moved(
  rows: readonly Row[],
  index: number,
  key: string,
  pageLength: number,
): Move | undefined {
  const last = rows.length - 1;
  const to = (target: number): Move => ({ index: Math.max(0, Math.min(last, target)) });
  const row = rows[index];
  switch (key) {
    case 'ArrowDown':
      return to(index + 1);
    case 'ArrowUp':
      return to(index - 1);
    case 'PageDown':
      return to(index + pageLength);
    case 'PageUp':
      return to(index - pageLength);
    case 'Home':
      return to(0);
    case 'End':
      return to(last);
    case 'ArrowRight':
      if (row === undefined || row.item.children.length === 0) return undefined;
      return row.isExpanded ? to(index + 1) : { index, isToggled: true };
    case 'ArrowLeft':
      if (row === undefined) return undefined;
      return row.isExpanded ? { index, isToggled: true } : to(parentOf(rows, index));
    case 'Enter':
    case ' ':
      return row === undefined ? undefined : { index, isActivated: true };
    default:
      return undefined;
  }
}

function parentOf(rows: readonly Row[], index: number): number {
  const level = rows[index]?.level ?? 1;
  for (let above = index - 1; above >= 0; above--) {
    if ((rows[above]?.level ?? 1) < level) return above;
  }
  return index;
}
