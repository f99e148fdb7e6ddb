import { type RefObject, useLayoutEffect, useState } from 'react';

/** Pixels of the page's font where nothing has been laid out. */
const assumedEm = 13;

/** Pixels of the page's font, which people may change while they look. */
export function useEm(): number {
  const [em, setEm] = useState(assumedEm);
  useLayoutEffect(() => {
    const probe = document.createElement('i');
    probe.className = 'em';
    document.body.append(probe);
    const look = () => setEm(probe.offsetWidth || assumedEm);
    look();
    const resized = new ResizeObserver(look);
    resized.observe(probe);
    return () => {
      resized.disconnect();
      probe.remove();
    };
  }, []);
  return em;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels inside of an element; `assumed` until it is laid out. */
export function useSize(element: RefObject<HTMLElement | null>, assumed: Size): Size {
  const [size, setSize] = useState(assumed);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const look = () => {
      const { clientWidth: width, clientHeight: height } = current;
      if (width > 0 && height > 0)
        setSize((known) => (known.width === width && known.height === height ? known : { width, height }));
    };
    look();
    const resized = new ResizeObserver(look);
    resized.observe(current);
    return () => resized.disconnect();
  }, [element]);
  return size;
}

/** Of a letter, in ems, where a text can't be measured: more than most have. */
const assumedLetter = 0.62;

/** Measures texts as the page writes them; pixels. */
export function textMeasure(em: number): (text: string) => number {
  const context = document.createElement('canvas').getContext('2d') ?? undefined;
  if (context === undefined) return (text) => text.length * em * assumedLetter;
  context.font = `${em}px ${getComputedStyle(document.body).fontFamily}`;
  return (text) => context.measureText(text).width;
}
