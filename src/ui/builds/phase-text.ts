import { l10n } from 'vscode';
import type { ProgressEvent } from '../../backend/protocol';
import { formatSize } from '../../core/presentation/size';

/** `Downloading 12 MB of 48 MB`. */
export function phaseText({ phase, done, total }: ProgressEvent): string {
  const amount = total === undefined || total === 0 ? undefined : [formatSize(done), formatSize(total)];
  const [doneText = '', totalText = ''] = amount ?? [];
  switch (phase) {
    case 'hash':
      return amount
        ? l10n.t('Reading large files, {0} of {1}', doneText, totalText)
        : l10n.t('Reading large files');
    case 'resolve':
      return l10n.t('Looking up the image');
    case 'download':
      return amount ? l10n.t('Downloading {0} of {1}', doneText, totalText) : l10n.t('Downloading');
    case 'index':
      return amount ? l10n.t('Reading layers, {0} of {1}', doneText, totalText) : l10n.t('Reading layers');
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
