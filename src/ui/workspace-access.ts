import { type LogOutputChannel, workspace } from 'vscode';
import { errorText } from './messages/remedy-text';
import type { Checkouts, WorkspaceAccess } from './model/checkouts';
import { debounce } from './model/debounce';
import { type Disposable, Disposables } from './model/event';

/** How the model gets at the disk; what is heavy is loaded when it is wanted. */
export function workspaceAccess(log: LogOutputChannel): WorkspaceAccess {
  return {
    async findCheckouts(folder) {
      const { findCheckouts } = await import('../core/checkout/find');
      return findCheckouts(folder);
    },
    async readCheckout(directory) {
      const { readCheckout } = await import('../core/checkout/checkout');
      return readCheckout(directory);
    },
    async watch(directory, listener) {
      const { watchCheckout } = await import('./model/watch-checkout');
      return watchCheckout(directory, listener, (error) => {
        log.warn(`watching ${directory}: ${String(error)}. Use Refresh to see changes`);
      });
    },
  };
}

/** Absolute paths of the workspace's folders, as far as they are on this machine. */
export function workspaceFolders(): readonly string[] {
  return (workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => uri.fsPath);
}

/** Looks for checkouts again when folders or checkouts come and go. */
export function watchForCheckouts(checkouts: Checkouts): Disposable {
  const watching = new Disposables();
  const lookSoon = watching.add(debounce(() => void checkouts.findAgain(), 500));
  const states = watching.add(workspace.createFileSystemWatcher('**/.pvr/json', false, true, false));
  watching.add(states.onDidCreate(lookSoon));
  watching.add(states.onDidDelete(lookSoon));
  watching.add(workspace.onDidChangeWorkspaceFolders(lookSoon));
  // When a folder is removed or renamed, nothing is told of the files in it.
  watching.add(checkouts.onDidChangeCheckout(({ state }) => state.kind === 'broken' && lookSoon()));
  return watching;
}

/** Says what is wrong with a checkout that can't be read: the view has no room for it. */
export function logBrokenCheckouts(checkouts: Checkouts, log: LogOutputChannel): Disposable {
  return checkouts.onDidChangeCheckout(({ state }) => {
    if (state.kind === 'broken') log.error(errorText(state.problem));
  });
}
