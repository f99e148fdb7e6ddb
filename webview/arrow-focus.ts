import type { KeyboardEvent } from 'react';

/**
 * Moves the focus by arrow keys, Home and End among elements below the one that the event is handled at, round and round.
 *
 * @param selector of those elements, in their order in the document.
 * @returns whether the key meant that.
 */
export function moveFocus(event: KeyboardEvent<HTMLElement>, selector: string): boolean {
  const elements = [...event.currentTarget.querySelectorAll<HTMLElement>(selector)];
  const focused = elements.findIndex((element) => element === element.ownerDocument.activeElement);
  const next = indexAfter(event.key, focused, elements.length);
  if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return false;
  event.preventDefault();
  elements[next]?.focus();
  return true;
}

/** @param focused -1 for none. */
function indexAfter(key: string, focused: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
    case 'ArrowRight':
      return (focused + 1) % count;
    case 'ArrowUp':
    case 'ArrowLeft':
      return focused < 0 ? 0 : (focused - 1 + count) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
