import { commands, l10n, window } from 'vscode';
import { readSetting, writeSetting } from '../manifest/read-setting';
import type { SettingKey, Settings } from '../manifest/settings';
import { walkthroughId } from '../manifest/view-ids';
import { Dismissed } from '../messages/cannot-run';
import type { Services } from '../services';
import type { Commands } from './declare';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.refresh': [];
    'pantavisor.sortApps': [];
    'pantavisor.groupApps': [];
    'pantavisor.filterApps': [];
    'pantavisor.clearFilter': [];
    'pantavisor.openWalkthrough': [];
    'pantavisor.showLog': [];
  }
}

export const viewCommands = {
  'pantavisor.refresh': ({ checkouts }) => checkouts.refresh(),
  'pantavisor.sortApps': sortApps,
  'pantavisor.groupApps': groupApps,
  'pantavisor.filterApps': filterApps,
  'pantavisor.clearFilter': clearFilter,
  'pantavisor.openWalkthrough': openWalkthrough,
  'pantavisor.showLog': ({ log }) => log.show(),
} satisfies Commands;

function sortApps(): Promise<void> {
  return chooseSetting('pantavisor.sortAppsBy', l10n.t('Sort apps by'), [
    { value: 'name', label: l10n.t('Name'), detail: l10n.t('a to z') },
    { value: 'size', label: l10n.t('Size'), detail: l10n.t('base and overlay together, the largest first') },
    {
      value: 'overlayShare',
      label: l10n.t('Overlay share'),
      detail: l10n.t('what the overlay weighs against its base, the largest first'),
    },
  ]);
}

function groupApps(): Promise<void> {
  return chooseSetting('pantavisor.groupAppsBy', l10n.t('Group apps by'), [
    { value: 'base', label: l10n.t('Base'), detail: l10n.t('below the app that they extend') },
    { value: 'group', label: l10n.t('Group'), detail: l10n.t('what a device starts together') },
    { value: 'none', label: l10n.t('Nothing'), detail: l10n.t('one below the other') },
  ]);
}

interface Choice<Value> {
  readonly value: Value;
  readonly label: string;
  readonly detail: string;
}

async function chooseSetting<Key extends SettingKey>(
  key: Key,
  placeHolder: string,
  choices: readonly Choice<Settings[Key]>[],
): Promise<void> {
  const current = readSetting(key);
  const items = choices.map((choice) => ({
    ...choice,
    label: `${choice.value === current ? '$(check)' : '$(blank)'} ${choice.label}`,
  }));
  const picked = await window.showQuickPick(items, { placeHolder });
  if (picked === undefined) throw new Dismissed();
  await writeSetting(key, picked.value);
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
