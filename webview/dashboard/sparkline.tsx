import type { ReactNode } from 'react';

/** Of the picture; the style sheet says how large it is shown. */
const width = 60;
const height = 16;
/** So that the line's own width is not cut off. */
const margin = 1;

/** How values came one after the other, from zero up; nothing where there are too few for a line. */
export function Sparkline({ values }: { readonly values: readonly number[] }): ReactNode {
  if (values.length < 2) return null;
  const most = Math.max(...values, 1);
  const points = values.map((value, at) => {
    const x = margin + (at / (values.length - 1)) * (width - 2 * margin);
    const y = height - margin - (value / most) * (height - 2 * margin);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg className="sparkline" viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
      <polyline points={points.join(' ')} />
    </svg>
  );
}
