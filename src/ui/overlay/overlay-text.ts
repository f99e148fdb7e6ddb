import { l10n } from 'vscode';
import { downloadSize, type BuildReport } from '../../core/build/report';
import type { OverlayChange } from '../../core/rootfs/overlay-changes';
import { overlayTable } from '../../core/presentation/overlay-table';
import { formatShare, formatSize } from '../../core/presentation/size';
import { restartText, staleSignaturesText } from '../builds/report-text';

export interface OverlaySizes {
  readonly overlay: number;
  readonly base: number | undefined;
}

/** What an overlay does to its base, as a page of text. */
export function overlayText(
  app: string,
  { overlay, base }: OverlaySizes,
  changes: readonly OverlayChange[],
): string {
  const share = base === undefined ? '' : ` · ${l10n.t('{0} of the base', formatShare(overlay, base))}`;
  return [
    l10n.t('The overlay of {0}: {1}', app, formatSize(overlay)) + share,
    summary(changes),
    '',
    overlayTable(changes),
    '',
  ].join('\n');
}

/** What a patch would do, as a page of text. */
export function previewText(report: BuildReport): string {
  const { app, image, built, outcome, restart, staleSignatures, overlay = [] } = report;
  const [file] = built;
  if (outcome === 'unchanged' || file === undefined) {
    return `${l10n.t('{0} is up to date: {1}. A patch would change nothing.', app, image)}\n`;
  }
  const share =
    file.baseSize === undefined
      ? ''
      : ` · ${l10n.t('{0} of the base', formatShare(file.size, file.baseSize))}`;
  return [
    l10n.t('A patch of {0} to {1}', app, image),
    l10n.t('It would weigh {0}', formatSize(file.size)) + share,
    `${l10n.t('A device would download {0}.', formatSize(downloadSize(report)))} ${restartText(restart)}`,
    ...(staleSignatures.length > 0 ? [staleSignaturesText(staleSignatures)] : []),
    summary(overlay),
    '',
    overlayTable(overlay),
    '',
  ].join('\n');
}

/** `3 added, 2 changed · 502 kB before compression`; what there is none of is left out. */
function summary(changes: readonly OverlayChange[]): string {
  const count = (kind: OverlayChange['change']) => changes.filter(({ change }) => change === kind).length;
  const counts: readonly (readonly [number, (count: number) => string])[] = [
    [count('added'), (number) => l10n.t('{0} added', number)],
    [count('changed'), (number) => l10n.t('{0} changed', number)],
    [count('attributes'), (number) => l10n.t('{0} with other attributes', number)],
    [count('deleted'), (number) => l10n.t('{0} deleted', number)],
  ];
  const parts = counts.filter(([number]) => number > 0).map(([number, text]) => text(number));
  // Another name of the same inode takes no room.
  const bytes = changes
    .filter(({ hardLinkOf }) => hardLinkOf === undefined)
    .reduce((sum, { size }) => sum + size, 0);
  return [parts.join(', '), l10n.t('{0} before compression', formatSize(bytes))].filter(Boolean).join(' · ');
}
