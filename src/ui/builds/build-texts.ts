import { l10n } from 'vscode';
import type { ProgressEvent } from '../../backend/protocol';
import type { App } from '../../core/checkout/app';
import { topFolder } from '../../core/checkout/paths';
import type { RestartImpact } from '../../core/checkout/restart-impact';
import { shortDigest } from '../../core/presentation/digest';
import { formatSize } from '../../core/presentation/size';
import type { BuildReport, BuiltFile } from '../../core/use-cases/report';

/** What a build did, in a sentence or two: what a device downloads, and what it restarts. */
export function reportText(report: BuildReport): string {
  const { outcome, app, built, image } = report;
  if (outcome === 'unchanged') return l10n.t('{0} is up to date: {1}.', app, shortDigest(image));
  const [own, ...dependants] = built;
  const parts = [
    own === undefined ? unbuiltText(report) : builtText(report),
    restartText(report.restart),
    ...(dependants.length > 0
      ? [l10n.t('Rebuilt with it: {0}.', dependants.map(rebuiltText).join(', '))]
      : []),
  ];
  return parts.join(' ');
}

/** The same of an app that is new. */
export function addedText(report: BuildReport): string {
  const text = l10n.t('{0} is added: a device downloads {1}.', report.app, downloadText(report));
  return `${text} ${restartText(report.restart)}`;
}

/** What a new base that nobody has built yet would weigh, a sentence a line. */
export function newBasePreviewLines(
  report: BuildReport,
  { overlay }: Pick<App, 'overlay'>,
): readonly string[] {
  const [own, ...dependants] = report.built;
  const now = [own?.previousSize, overlay?.size].filter((size) => size !== undefined).map(formatSize);
  return [
    ...(own === undefined
      ? []
      : [
          l10n.t(
            'It would weigh {0}; base and overlay weigh {1} now.',
            formatSize(own.size),
            now.join(' + ') || '–',
          ),
        ]),
    ...dependants.map((one) => l10n.t('Rebuilt with it: {0}.', rebuiltText(one))),
    l10n.t('A device would download {0}.', downloadText(report)),
    restartText(report.restart),
    ...(report.staleSignatures.length > 0
      ? [l10n.t('To be signed again after it: {0}', report.staleSignatures.join(', '))]
      : []),
  ];
}

/** `kitchen (13 MB, was 12 kB)` */
function rebuiltText({ path, size, previousSize }: BuiltFile): string {
  const app = topFolder(path);
  return previousSize === undefined || previousSize === size
    ? `${app} (${formatSize(size)})`
    : l10n.t('{0} ({1}, was {2})', app, formatSize(size), formatSize(previousSize));
}

function builtText(report: BuildReport): string {
  const { app, built } = report;
  const size = downloadText(report);
  return built[0]?.kind === 'overlay'
    ? l10n.t('{0} is patched: a device downloads {1}.', app, size)
    : l10n.t('{0} has a new base: a device downloads {1}.', app, size);
}

/** `13 MB (58 MB with all that is not committed yet)`. */
export function downloadText({ download, waitingDownload }: BuildReport): string {
  const [size, all] = [formatSize(download), formatSize(waitingDownload)];
  return all === size ? size : l10n.t('{0} ({1} with all that is not committed yet)', size, all);
}

/** Nothing had to be built: an update wrote down another tag of the same image, or an install generated what was missing. */
function unbuiltText({ app, changedFiles }: BuildReport): string {
  return changedFiles.includes(`${app}/src.json`)
    ? l10n.t('{0} has this image already; only what src.json says of it is new.', app)
    : l10n.t('{0} is as src.json says again.', app);
}

export function restartText({ effect, reason, remedy = '' }: RestartImpact): string {
  switch (effect) {
    case 'nothing':
      return l10n.t('It restarts nothing.');
    case 'container':
      return l10n.t('It does not reboot: {0}.', reason);
    case 'reboot':
      return l10n.t('It reboots, because {0}.', reason);
    case 'refused':
      return l10n.t('It refuses the revision, because {0}. {1}.', reason, remedy);
  }
}

export function staleSignaturesText(files: readonly string[]): string {
  return l10n.t('No longer fits, so a device with secure boot refuses it: {0}.', files.join(', '));
}

/** `Downloading 12 MB of 48 MB`. */
export function phaseText({ phase, done, total }: ProgressEvent): string {
  const amount = total === undefined || total === 0 ? undefined : [formatSize(done), formatSize(total)];
  const [doneText = '', totalText = ''] = amount ?? [];
  switch (phase) {
    case 'hash':
      return amount
        ? l10n.t('Reading large files, {0} of {1}', doneText, totalText)
        : l10n.t('Reading large files');
    case 'fetch':
      return amount
        ? l10n.t('Fetching objects, {0} of {1}', doneText, totalText)
        : l10n.t('Fetching objects');
    case 'send':
      return amount ? l10n.t('Sending objects, {0} of {1}', doneText, totalText) : l10n.t('Sending objects');
    case 'resolve':
      return l10n.t('Looking up the image');
    case 'download':
      return amount ? l10n.t('Downloading {0} of {1}', doneText, totalText) : l10n.t('Downloading');
    case 'index':
      return amount ? l10n.t('Reading files, {0} of {1}', doneText, totalText) : l10n.t('Reading files');
    case 'compare':
      return amount
        ? l10n.t('Comparing with the base, {0} of {1}', doneText, totalText)
        : l10n.t('Comparing with the base');
    case 'compress':
      return amount ? l10n.t('Compressing {0} of {1}', doneText, totalText) : l10n.t('Compressing');
    case 'check':
      return l10n.t('Checking the result');
    case 'install':
      return l10n.t('Changing the checkout');
  }
}
