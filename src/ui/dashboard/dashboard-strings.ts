import { l10n } from 'vscode';
import type { DashboardStrings } from '../../../webview/dashboard/protocol';
import { failureStrings } from '../webview/page-strings';

/** What the size dashboard says. */
export function dashboardStrings(): DashboardStrings {
  return {
    reading: l10n.t('Reading …'),
    noCheckout: l10n.t('There is no Pantavisor checkout in this workspace.'),
    noApps: l10n.t('This checkout has no apps yet.'),
    total: l10n.t('On the device: {0}', '{0}'),
    base: l10n.t('Base: {0}', '{0}'),
    overlay: l10n.t('Overlay: {0}', '{0}'),
    legend: {
      base: l10n.t('Base'),
      overlay: l10n.t('Overlay'),
      threshold: l10n.t('New base from {0} %', '{0}'),
    },
    overlayOf: l10n.t('Overlay of {0}', '{0}'),
    ofItsBase: l10n.t('{0} of the base', '{0}'),
    threshold: l10n.t('A new base is recommended from {0} %', '{0}'),
    levels: {
      recommended: l10n.t('A new base is recommended'),
      soon: l10n.t('A new base may pay soon'),
      fine: l10n.t('No new base is needed'),
    },
    history: l10n.t('The last {0} builds: {1}', '{0}', '{1}'),
    extensionOf: l10n.t('extends {0}', '{0}'),
    rest: l10n.t('Configuration and the rest: {0}', '{0}'),
    repeated: l10n.t('More than once'),
    sameFile: l10n.t('{0} are the same file ({1}): a device stores it once.', '{0}', '{1}'),
    sameImage: l10n.t(
      'The bases of {0} are made from the same image, but differ: {1} could be saved, for example if one extended the other.',
      '{0}',
      '{1}',
    ),
    ...failureStrings(),
  };
}
