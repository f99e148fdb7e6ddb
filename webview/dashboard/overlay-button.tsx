import type { ReactNode } from 'react';
import { formatShare, formatSize } from '../../src/core/presentation/size';
import { format } from '../format';
import type { DashboardStrings, OverlayBar } from './protocol';

export interface OverlayButtonProps {
  readonly app: string;
  readonly overlay: OverlayBar;
  /** Percent. */
  readonly threshold: number;
  readonly strings: DashboardStrings;
  readonly onClick: () => void;
}

/** An overlay against its base: how far it is from the share at which a new base is recommended, and how it grew. */
export function OverlayButton(props: OverlayButtonProps): ReactNode {
  const { app, overlay, threshold, strings, onClick } = props;
  const { size, of, level, history } = overlay;
  const share = of === undefined ? undefined : formatShare(size, of);
  const details = [
    ...(share === undefined ? [] : [format(strings.ofItsBase, share)]),
    ...(level === undefined ? [] : [strings.levels[level], format(strings.threshold, threshold)]),
    ...(history.length < 2
      ? []
      : [format(strings.history, history.length, history.map(formatSize).join(', '))]),
  ].join('. ');
  return (
    <button type="button" className={`overlay ${level ?? 'fine'}`} title={details} onClick={onClick}>
      <span className="unseen">{format(strings.overlayOf, app)}</span>{' '}
      <span className="name">{[`+ ${formatSize(size)}`, share].filter(Boolean).join(' · ')}</span>
      <Sparkline values={history} />
      {of !== undefined && <Gauge percent={(size / of) * 100} threshold={threshold} />}
      {level === 'recommended' && <span className="advice">{strings.levels.recommended}</span>}
    </button>
  );
}

/** @param percent of the base. */
function Gauge({ percent, threshold }: { readonly percent: number; readonly threshold: number }): ReactNode {
  // The line never lies at the very end, where it could be taken for the frame.
  const scale = Math.max(100, percent, threshold * 1.1);
  return (
    <span className="gauge">
      <span className="fill" style={{ width: `${(percent / scale) * 100}%` }} />
      <span className="threshold" style={{ left: `${(threshold / scale) * 100}%` }} />
    </span>
  );
}

/** Of the picture; the style sheet says how large it is shown. */
const width = 60;
const height = 16;
/** So that the line's own width is not cut off. */
const margin = 1;

/** How values came one after the other, from zero up; nothing where there are too few for a line. */
function Sparkline({ values }: { readonly values: readonly number[] }): ReactNode {
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
