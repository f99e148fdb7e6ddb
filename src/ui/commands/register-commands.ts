import { commands } from 'vscode';
import type { CommandId } from '../manifest/commands';
import { runCommand } from '../messages/run-command';
import { type Disposable, Disposables } from '../model/event';
import type { Services } from '../services';
import { addCommands } from './add';
import type { Command } from './declare';
import { devicesCommands } from './devices';
import { fixCommands } from './fix';
import { imagesCommands } from './images';
import { lookCommands } from './look';
import { mountsCommands } from './mounts';
import { postingCommands } from './posting';
import { removeCommands } from './remove';
import { revisionsCommands } from './revisions';
import { updateCommands } from './update';
import { viewCommands } from './view';

/** What each command does. They are always there; one that can't do anything says why. */
export const allCommands: Readonly<Record<CommandId, Command>> = {
  ...addCommands,
  ...devicesCommands,
  ...fixCommands,
  ...imagesCommands,
  ...lookCommands,
  ...mountsCommands,
  ...postingCommands,
  ...removeCommands,
  ...revisionsCommands,
  ...updateCommands,
  ...viewCommands,
};

export function registerCommands(services: Services): Disposable {
  const registered = new Disposables();
  for (const [id, command] of Object.entries(allCommands)) {
    const run = (...args: unknown[]) => runCommand(id, services.log, () => command(services, ...args));
    registered.add(commands.registerCommand(id, run));
  }
  return registered;
}
