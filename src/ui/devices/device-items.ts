import {
  type Command,
  l10n,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
} from 'vscode';
import { outcomeOf, type RevisionProgress } from '../../core/remote/remote';
import { type CommandId, escapeMarkdown } from '../manifest/commands';
import { withRemedy } from '../messages/remedy-text';
import { deviceTokensOf, revisionTokensOf, tokens } from './device-context';
import { deviceFacts, deviceName, revisionFacts, revisionTitle, shortAddress } from './device-words';
import type { ContainerNode, DeviceNode, DeviceTreeNode, NoteNode, RevisionNode } from './model/device-nodes';
import { nodeId } from './model/device-nodes';
import { comingTo, type DeviceModel, failedOn } from './model/devices-model';

const { None, Collapsed, Expanded } = TreeItemCollapsibleState;

/** What a row of the Devices view looks like. */
export function deviceItem(node: DeviceTreeNode): TreeItem {
  const item = itemOf(node);
  item.id = nodeId(node);
  const label = typeof item.label === 'string' ? item.label : '';
  const description = typeof item.description === 'string' ? item.description : '';
  item.accessibilityInformation ??= { label: [label, description].filter(Boolean).join(', ') };
  return item;
}

function itemOf(node: DeviceTreeNode): TreeItem {
  switch (node.kind) {
    case 'account': {
      const { hub, nick, trouble } = node.account;
      const { host } = new URL(hub);
      const isIn = nick !== undefined;
      return plain(isIn ? `${nick} · ${host}` : host, {
        icon: new ThemeIcon(trouble === undefined ? 'account' : 'debug-disconnect'),
        description: trouble === undefined ? '' : trouble.kind === 'away' ? l10n.t('not reached') : '',
        tooltip: trouble?.kind === 'away' ? withRemedy(trouble.problem) : hub,
        collapsible: Expanded,
        contextValue: tokens('account', isIn ? 'loggedIn' : 'loggedOut'),
      });
    }
    case 'network':
      return plain(l10n.t('In the Network'), { icon: new ThemeIcon('broadcast'), collapsible: Expanded });
    case 'addresses':
      return plain(l10n.t('By Address'), { icon: new ThemeIcon('plug'), collapsible: Expanded });
    case 'device':
      return itemOfDevice(node);
    case 'note':
      return itemOfNote(node);
    case 'revisions': {
      const { details } = node.parent.device;
      return plain(l10n.t('Revisions'), {
        icon: new ThemeIcon('history'),
        description: String(details?.revisions.length ?? ''),
        collapsible: Collapsed,
      });
    }
    case 'revision':
      return itemOfRevision(node);
    case 'more': {
      const item = plain(l10n.t('Show More'), {
        icon: new ThemeIcon('ellipsis'),
        description: String(node.count),
      });
      item.command = command('pantavisor.showMoreRevisions', l10n.t('Show More'), node);
      return item;
    }
    case 'containers':
      return plain(l10n.t('Containers'), {
        icon: new ThemeIcon('server-process'),
        description: String(node.parent.device.containers?.length ?? ''),
        collapsible: Collapsed,
      });
    case 'container':
      return itemOfContainer(node);
    case 'metadata':
      return plain(l10n.t('Metadata'), { icon: new ThemeIcon('json'), collapsible: Collapsed });
    case 'user-meta': {
      const { details } = node.parent.parent.device;
      const item = plain(l10n.t('What the Device Is Told'), {
        icon: new ThemeIcon('edit'),
        description: keysText(details?.userMeta),
        tooltip: l10n.t('user-meta, to be edited: saving it tells the device.'),
        contextValue: tokens('metadata'),
      });
      item.command = command('pantavisor.openUserMeta', l10n.t('Open'), node);
      return item;
    }
    case 'device-meta': {
      const { details } = node.parent.parent.device;
      const item = plain(l10n.t('What the Device Tells'), {
        icon: new ThemeIcon('info'),
        description: keysText(details?.deviceMeta),
        tooltip: l10n.t('device-meta, as the device has told it.'),
        contextValue: tokens('metadata'),
      });
      item.command = command('pantavisor.openDeviceMeta', l10n.t('Open'), node);
      return item;
    }
    case 'logs': {
      const item = plain(l10n.t('Logs'), { icon: new ThemeIcon('output'), contextValue: tokens('logs') });
      item.command = command('pantavisor.showDeviceLogs', l10n.t('Show Logs'), node);
      return item;
    }
    case 'checkoutLink': {
      const item = plain(Uri.file(node.directory).path.split('/').at(-1) ?? node.directory, {
        icon: new ThemeIcon('circuit-board'),
        description:
          node.revision === undefined
            ? l10n.t('a checkout of it')
            : l10n.t('a checkout of revision {0}', node.revision),
        tooltip: node.directory,
      });
      item.command = {
        command: 'revealInExplorer',
        title: l10n.t('Show in Explorer'),
        arguments: [Uri.file(node.directory)],
      };
      return item;
    }
  }
}

function keysText(meta: Readonly<Record<string, unknown>> | undefined): string {
  return meta === undefined ? '' : String(Object.keys(meta).length);
}

function itemOfDevice({ device, parent }: DeviceNode): TreeItem {
  const name = deviceName(device);
  const facts =
    device.glance === undefined && device.trouble !== undefined
      ? [l10n.t('not reached')]
      : deviceFacts(device);
  const item = plain(name, {
    icon: deviceIcon(device),
    description: facts.join(' · '),
    collapsible: Collapsed,
    contextValue: deviceTokensOf(device),
  });
  item.tooltip = deviceTooltip(device, name);
  const host = parent.kind === 'account' ? '' : shortAddress(device.address);
  item.accessibilityInformation = {
    label: [name, host, ...deviceFacts(device, true)].filter(Boolean).join(', '),
  };
  return item;
}

function deviceIcon(device: DeviceModel): ThemeIcon {
  if (comingTo(device) !== undefined && comingTo(device)?.progress.status !== 'NEW')
    return new ThemeIcon('loading~spin');
  if (comingTo(device) !== undefined) return new ThemeIcon('clock');
  if (failedOn(device) !== undefined)
    return new ThemeIcon('warning', new ThemeColor('list.warningForeground'));
  const { glance, trouble } = device;
  if (glance === undefined && trouble !== undefined) return new ThemeIcon('debug-disconnect');
  return new ThemeIcon(
    glance?.isOnline === true ? 'vm-active' : glance?.isOnline === false ? 'vm-outline' : 'vm',
  );
}

function deviceTooltip(device: DeviceModel, name: string): MarkdownString {
  const { glance } = device;
  const told = glance?.progress.message ?? '';
  const lines = [
    `**${escapeMarkdown(name)}**`,
    ...deviceFacts(device).map(escapeMarkdown),
    ...(told === '' ? [] : [escapeMarkdown(told)]),
    ...(device.trouble?.kind === 'away' ? [escapeMarkdown(withRemedy(device.trouble.problem))] : []),
    escapeMarkdown(device.address),
  ];
  return new MarkdownString(lines.join('  \n'));
}

function itemOfRevision({ revision, parent }: RevisionNode): TreeItem {
  const { device } = parent.parent;
  const isRunning = device.glance?.running === revision.name;
  const facts = revisionFacts(revision, device.weights.get(revision.name), isRunning);
  const item = plain(revisionTitle(revision), {
    icon: revisionIcon(revision.progress, isRunning),
    description: facts.join(' · '),
    contextValue: revisionTokensOf(revision, device),
  });
  const lines = [
    `**${escapeMarkdown(l10n.t('Revision {0}', revision.name))}**`,
    ...(revision.message === '' ? [] : [escapeMarkdown(revision.message)]),
    ...facts.map(escapeMarkdown),
    ...(revision.progress.message === '' ? [] : [escapeMarkdown(revision.progress.message)]),
    ...(revision.posted === undefined ? [] : [escapeMarkdown(new Date(revision.posted).toLocaleString())]),
    ...(revision.stateSha === '' ? [] : [escapeMarkdown(revision.stateSha)]),
  ];
  item.tooltip = new MarkdownString(lines.join('  \n'));
  return item;
}

function revisionIcon(progress: RevisionProgress, isRunning: boolean): ThemeIcon {
  if (isRunning) return new ThemeIcon('pass-filled', new ThemeColor('testing.iconPassed'));
  switch (outcomeOf(progress)) {
    case 'good':
      return new ThemeIcon('pass');
    case 'open':
      return new ThemeIcon(progress.status === 'NEW' ? 'clock' : 'loading~spin');
    case 'bad':
      return progress.status.startsWith('CANCEL')
        ? new ThemeIcon('circle-slash')
        : new ThemeIcon('error', new ThemeColor('list.errorForeground'));
  }
}

function itemOfContainer({
  container: { name, status, goal, group, restartPolicy },
}: ContainerNode): TreeItem {
  const isUp = status === goal || status === 'READY' || (status === 'STARTED' && goal !== 'READY');
  const restart =
    restartPolicy === 'system' ? l10n.t('restarts with the device') : l10n.t('restarts by itself');
  return plain(name, {
    icon: isUp
      ? new ThemeIcon('pass', new ThemeColor('testing.iconPassed'))
      : new ThemeIcon('warning', new ThemeColor('list.warningForeground')),
    description: [status, isUp ? '' : l10n.t('wanted: {0}', goal), group, restart]
      .filter(Boolean)
      .join(' · '),
    contextValue: tokens('container', restartPolicy === 'container' && 'startable'),
  });
}

function itemOfNote({ note }: NoteNode): TreeItem {
  if (note === 'noDevices')
    return plain(l10n.t('This account has no devices yet.'), { icon: new ThemeIcon('info') });
  if (note === 'neverReported')
    return plain(l10n.t('The device has never started.'), { icon: new ThemeIcon('info') });
  if (note.kind === 'loggedOut') {
    const item = plain(l10n.t('Log In…'), {
      icon: new ThemeIcon('sign-in'),
      description: l10n.t('to see its devices'),
      contextValue: tokens('note', 'loggedOut'),
    });
    item.command = command('pantavisor.logInToHub', l10n.t('Log In…'), note.hub);
    return item;
  }
  const item = plain(l10n.t('Try Again'), {
    icon: new ThemeIcon('refresh'),
    description: note.problem.found,
    tooltip: withRemedy(note.problem),
    contextValue: tokens('note'),
  });
  item.command = command('pantavisor.refreshDevices', l10n.t('Try Again'));
  return item;
}

interface Parts {
  readonly icon: ThemeIcon;
  readonly description?: string;
  readonly tooltip?: string;
  readonly collapsible?: TreeItemCollapsibleState;
  readonly contextValue?: `;${string};`;
}

function plain(
  label: string,
  { icon, description, tooltip, collapsible = None, contextValue }: Parts,
): TreeItem {
  const item = new TreeItem(label, collapsible);
  item.iconPath = icon;
  if (description) item.description = description;
  if (tooltip !== undefined) item.tooltip = tooltip;
  if (contextValue !== undefined) item.contextValue = contextValue;
  return item;
}

function command(id: CommandId, title: string, ...args: readonly unknown[]): Command {
  return { command: id, title, arguments: [...args] };
}
