import type { ReactNode } from 'react';
import { formatShare, formatSize } from '../../src/core/presentation/size';
import { format } from '../format';
import type { Host } from '../host';
import type { AppBar, Bar, BspBar, DashboardProtocol, DashboardStrings } from './protocol';
import { OverlayButton } from './overlay-button';

export interface BarItemProps<Of extends Bar = Bar> {
  readonly bar: Of;
  /** Bytes of a bar that is as wide as the view. */
  readonly scale: number;
  /** Folder of its checkout. */
  readonly checkout: string;
  /** Percent. */
  readonly threshold: number;
  readonly host: Host<DashboardProtocol>;
  /** The app whose base it extends. */
  readonly extended?: string;
}

/** What weighs, as a bar; below an app's, its overlay and the apps that extend its base. */
export function BarItem({ bar, ...rest }: BarItemProps): ReactNode {
  return bar.kind === 'bsp' ? <BspItem bar={bar} {...rest} /> : <AppItem bar={bar} {...rest} />;
}

function AppItem({ bar, scale, checkout, threshold, host, extended }: BarItemProps<AppBar>): ReactNode {
  const { name, base, overlay, extensions } = bar;
  return (
    <li>
      <BarButton
        bar={bar}
        details={appDetails(bar, extended, host.strings)}
        parts={{ base: base ?? 0, overlay: overlay?.size ?? 0 }}
        scale={scale}
        onClick={() => host.post({ type: 'goToApp', checkout, app: name })}
      />
      {overlay && (
        <OverlayButton
          app={name}
          overlay={overlay}
          threshold={threshold}
          strings={host.strings}
          onClick={() => host.post({ type: 'showOverlay', checkout, app: name })}
        />
      )}
      {extensions.length > 0 && (
        <ul>
          {extensions.map((extension) => (
            <BarItem
              key={extension.name}
              bar={extension}
              scale={scale}
              checkout={checkout}
              threshold={threshold}
              host={host}
              extended={name}
            />
          ))}
        </ul>
      )}
    </li>
  );
}

function BspItem({ bar, scale, checkout, host }: BarItemProps<BspBar>): ReactNode {
  return (
    <li>
      <BarButton
        bar={bar}
        details={bspDetails(bar)}
        parts={{ bsp: bar.size }}
        scale={scale}
        onClick={() => host.post({ type: 'revealFolder', checkout, name: bar.name })}
      />
    </li>
  );
}

interface BarButtonProps {
  readonly bar: Pick<Bar, 'name' | 'size'>;
  readonly details: string;
  /** Bytes by what they are of. */
  readonly parts: Readonly<Record<string, number>>;
  readonly scale: number;
  readonly onClick: () => void;
}

function BarButton({ bar: { name, size }, details, parts, scale, onClick }: BarButtonProps): ReactNode {
  return (
    <button type="button" className="bar" title={details} onClick={onClick}>
      <span className="name">{name}</span> <span className="size">{formatSize(size)}</span>
      <span className="weight">
        {Object.entries(parts).map(
          ([part, bytes]) =>
            bytes > 0 && (
              <span key={part} className={`part ${part}`} style={{ width: `${(bytes / scale) * 100}%` }} />
            ),
        )}
      </span>
    </button>
  );
}

function appDetails(
  { base, overlay }: AppBar,
  extended: string | undefined,
  strings: DashboardStrings,
): string {
  return [
    ...(extended === undefined ? [] : [format(strings.extensionOf, extended)]),
    ...(base === undefined ? [] : [format(strings.base, formatSize(base))]),
    ...(overlay === undefined ? [] : [format(strings.overlay, formatSize(overlay.size))]),
  ].join(', ');
}

/** More of them tell nobody more. */
const mostFiles = 5;

/** The largest files. */
function bspDetails({ size, files }: BspBar): string {
  const largest = files.slice(0, mostFiles);
  return largest.map((file) => `${file.name} ${formatShare(file.size, size)}`).join(', ');
}
