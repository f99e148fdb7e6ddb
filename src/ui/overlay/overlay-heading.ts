import { l10n } from 'vscode';
import type { Heading } from '../../../webview/protocol';
import { formatShare, formatSize } from '../../core/presentation/size';
import type { BuildReport, BuiltFile } from '../../core/use-cases/report';
import { downloadText, restartText } from '../builds/build-texts';

export interface OverlaySizes {
  /** Undefined of an app that has none, or is gone. */
  readonly overlay: number | undefined;
  readonly base: number | undefined;
}

/** Of a page's tab. */
export function overlayTab(app: string, { overlay, base }: OverlaySizes): string {
  return overlay === undefined && base !== undefined ? l10n.t('{0} base', app) : l10n.t('{0} overlay', app);
}

/** What is said about an overlay as a whole; after a new base, about that. */
export function overlayHeading(app: string, { overlay, base }: OverlaySizes): Heading {
  if (overlay === undefined && base !== undefined)
    return {
      title: l10n.t('The base of {0}', app),
      facts: [formatSize(base), noOverlayText(app)],
      views: ['base'],
    };
  return {
    title: l10n.t('The overlay of {0}', app),
    facts: overlay === undefined ? [] : [formatSize(overlay) + shareOf(overlay, base)],
    views: ['overlay', 'base', 'device'],
  };
}

export function noOverlayText(app: string): string {
  return l10n.t('{0} has no overlay: its base holds all that the device sees.', app);
}

/** What is said about a patch that nobody has built yet. */
export function previewHeading(report: BuildReport): Heading {
  const { app, image, built, outcome, restart, staleSignatures } = report;
  const [file] = built;
  if (outcome === 'unchanged' || file === undefined) {
    return {
      title: l10n.t('A patch of {0}', app),
      facts: [l10n.t('{0} is up to date: {1}. A patch would change nothing.', app, image)],
      views: ['overlay'],
    };
  }
  return {
    title: l10n.t('A patch of {0}', app),
    facts: [
      l10n.t('To {0}', image),
      l10n.t('It would weigh {0}', formatSize(file.size)) + shareOf(file.size, file.baseSize),
      ...leftOutText(file),
      `${l10n.t('A device would download {0}.', downloadText(report))} ${restartText(restart)}`,
      ...(staleSignatures.length > 0
        ? [l10n.t('To be signed again after it: {0}', staleSignatures.join(', '))]
        : []),
    ],
    views: ['overlay', 'base'],
    action: l10n.t('Build This Patch'),
  };
}

/** What would be in the overlay, too, if times counted. */
function leftOutText({ timeOnly }: BuiltFile): readonly string[] {
  if (timeOnly === undefined || timeOnly.files === 0) return [];
  const size = formatSize(timeOnly.bytes);
  return [
    timeOnly.files === 1
      ? l10n.t('Left out: 1 file of Python ({0}) that differs from the base in a time alone', size)
      : l10n.t(
          'Left out: {0} files of Python ({1}) that differ from the base in a time alone',
          timeOnly.files,
          size,
        ),
  ];
}

function shareOf(overlay: number, base: number | undefined): string {
  return base === undefined ? '' : ` · ${l10n.t('{0} of the base', formatShare(overlay, base))}`;
}
