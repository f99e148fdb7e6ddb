import { commands, l10n, workspace } from 'vscode';
import type { CommandId } from '../manifest/commands';
import { CannotRun } from '../messages/cannot-run';
import type { Services } from '../services';

/** Menus, keys and links hand over what they have: a command looks for itself what that is. */
export type Command = (services: Services, ...args: readonly unknown[]) => unknown;

/** What some of the commands do. */
export type Commands = Readonly<Partial<Record<CommandId, Command>>>;

/** For what builds, or speaks to registries with a person's logins: a checkout from a stranger must not make it happen. */
export function inTrustedWorkspace(command: Command): Command {
  return whereTrusted(command, () =>
    l10n.t('In Restricted Mode nothing is built, and no registry is asked.'),
  );
}

/** The same for what speaks to hubs and devices. */
export function withDevices(command: Command): Command {
  return whereTrusted(command, () => l10n.t('In Restricted Mode no hub and no device is asked.'));
}

function whereTrusted(command: Command, why: () => string): Command {
  return (services, ...args) => {
    if (workspace.isTrusted) return command(services, ...args);
    throw new CannotRun(why(), [
      {
        title: l10n.t('Manage Workspace Trust'),
        run: () => commands.executeCommand('workbench.trust.manage'),
      },
    ]);
  };
}
