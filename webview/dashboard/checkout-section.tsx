import type { ReactNode } from 'react';
import { formatSize } from '../../src/core/presentation/size';
import { format } from '../format';
import type { Host } from '../host';
import { BarItem } from './bar-item';
import type { Bar, CheckoutSizes, DashboardProtocol, DashboardStrings, Repeated } from './protocol';

export interface CheckoutSectionProps {
  readonly sizes: CheckoutSizes;
  /** There is no other one: then nothing needs to be told apart or folded. */
  readonly isAlone: boolean;
  readonly isFolded: boolean;
  readonly host: Host<DashboardProtocol>;
  readonly onToggle: () => void;
}

/** A checkout: what weighs in it, to one scale. */
export function CheckoutSection(props: CheckoutSectionProps): ReactNode {
  const { sizes, isAlone, isFolded, host, onToggle } = props;
  const { directory, name, total, trouble } = sizes;
  return (
    <section aria-label={name}>
      {!isAlone && (
        <h2>
          <button type="button" aria-expanded={!isFolded} title={directory} onClick={onToggle}>
            <span className="name">{name}</span>
            {trouble === undefined && <span className="size">{formatSize(total)}</span>}
          </button>
        </h2>
      )}
      {(isAlone || !isFolded) && <CheckoutBars sizes={sizes} isAlone={isAlone} host={host} />}
    </section>
  );
}

type CheckoutBarsProps = Pick<CheckoutSectionProps, 'sizes' | 'isAlone' | 'host'>;

function CheckoutBars({ sizes, isAlone, host }: CheckoutBarsProps): ReactNode {
  const { strings } = host;
  const { directory, total, threshold, trouble, bars, rest, repeated } = sizes;
  if (trouble !== undefined) {
    return (
      <p className="notice" role="alert">
        {trouble}
      </p>
    );
  }
  if (bars.length === 0) return <p className="notice">{strings.noApps}</p>;
  const scale = Math.max(...bars.map(heaviest));
  return (
    <>
      {isAlone && <p className="total">{format(strings.total, formatSize(total))}</p>}
      <ul className="bars">
        {bars.map((bar) => (
          <BarItem
            key={`${bar.kind} ${bar.name}`}
            bar={bar}
            scale={scale}
            checkout={directory}
            threshold={threshold}
            host={host}
          />
        ))}
      </ul>
      <p className="legend">
        <span className="of-base">{strings.legend.base}</span>
        <span className="of-overlay">{strings.legend.overlay}</span>
        <span className="of-threshold">{format(strings.legend.threshold, threshold)}</span>
      </p>
      {rest > 0 && <p className="rest">{format(strings.rest, formatSize(rest))}</p>}
      {repeated.length > 0 && (
        <details className="repeated">
          <summary>{strings.repeated}</summary>
          <ul>
            {repeated.map((each) => (
              <li key={JSON.stringify(each)}>{repeatedText(each, strings)}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function heaviest(bar: Bar): number {
  return Math.max(bar.size, ...(bar.kind === 'app' ? bar.extensions.map(heaviest) : []));
}

function repeatedText(repeated: Repeated, strings: DashboardStrings): string {
  const size = formatSize(repeated.size);
  switch (repeated.kind) {
    case 'sameFile':
      return format(strings.sameFile, repeated.files.join(', '), size);
    case 'sameImage':
      return format(strings.sameImage, repeated.apps.join(', '), size);
  }
}
