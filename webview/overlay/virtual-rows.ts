import { useLayoutEffect, useState, type RefObject } from 'react';

/** What of a list of rows is worth having in the document. */
export interface Window {
  /** Index of the first row, and of the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** Rows above and below what is seen, so that scrolling shows no gaps. */
const margin = 12;
/** Where nothing has been laid out yet. */
const assumedHeight = 600;

export function windowOf(count: number, rowHeight: number, scrolled: number, height: number): Window {
  const first = Math.floor(scrolled / rowHeight) - margin;
  const last = Math.ceil((scrolled + height) / rowHeight) + margin;
  const start = Math.max(0, Math.min(first, count - 1));
  return { start, end: Math.max(start, Math.min(last, count)) };
}

/** The rows to have in the document while `scroller` shows them; they are `rowHeight` pixels high. */
export function useVirtualRows(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): Window {
  const [seen, setSeen] = useState({ scrolled: 0, height: assumedHeight });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = () =>
      setSeen({ scrolled: element.scrollTop, height: element.clientHeight || assumedHeight });
    look();
    const resized = new ResizeObserver(look);
    resized.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [scroller]);
  return windowOf(count, rowHeight, seen.scrolled, seen.height);
}
