import { commands, l10n, window } from 'vscode';
import { readSetting, writeSetting } from '../manifest/read-setting';
import { walkthroughId } from '../manifest/view-ids';
import { Dismissed } from '../messages/cannot-run';
import type { Services } from '../services';
import type { AppOrder } from '../tree/order';
import type { Commands } from './declare';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.refresh': [];
    'pantavisor.sortApps': [];
    'pantavisor.filterApps': [];
    'pantavisor.clearFilter': [];
    'pantavisor.openWalkthrough': [];
    'pantavisor.showLog': [];
  }
}

export const viewCommands = {
  'pantavisor.refresh': ({ checkouts }) => checkouts.refresh(),
  'pantavisor.sortApps': sortApps,
  'pantavisor.filterApps': filterApps,
  'pantavisor.clearFilter': clearFilter,
  'pantavisor.openWalkthrough': openWalkthrough,
  'pantavisor.showLog': ({ log }) => log.show(),
} satisfies Commands;

async function sortApps(): Promise<void> {
  const orders: readonly { order: AppOrder; label: string; detail: string }[] = [
    { order: 'name', label: l10n.t('Name'), detail: l10n.t('a to z') },
    { order: 'size', label: l10n.t('Size'), detail: l10n.t('base and overlay together, the largest first') },
    {
      order: 'overlayShare',
      label: l10n.t('Overlay share'),
      detail: l10n.t('what the overlay weighs against its base, the largest first'),
    },
  ];
  const current = readSetting('pantavisor.sortAppsBy');
  const items = orders.map((item) => ({
    ...item,
    label: `${item.order === current ? '$(check)' : '$(blank)'} ${item.label}`,
  }));
  const picked = await window.showQuickPick(items, { placeHolder: l10n.t('Sort apps by') });
  if (picked === undefined) throw new Dismissed();
  await writeSetting('pantavisor.sortAppsBy', picked.order);
}

async function filterApps({ appsView }: Services): Promise<void> {
  const filter = await window.showInputBox({
    title: l10n.t('Filter Apps'),
    prompt: l10n.t('Words that an app’s name or image must have'),
    value: appsView.filter,
  });
  if (filter === undefined) throw new Dismissed();
  appsView.filter = filter.trim();
}

function clearFilter({ appsView }: Services): void {
  appsView.filter = '';
}

function openWalkthrough({ extension }: Services): Thenable<unknown> {
  const id = `${extension.extension.id}#${walkthroughId}`;
  return commands.executeCommand('workbench.action.openWalkthrough', id, false);
}
