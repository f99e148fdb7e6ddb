import path from 'node:path';
import { homedir } from 'node:os';
import { commands, l10n, type QuickPickItem, Uri, window, workspace } from 'vscode';
import { Dismissed } from '../messages/cannot-run';
import { offer } from '../messages/run-command';
import { withProgress } from '../messages/with-progress';
import type { Services } from '../services';
import { deviceFor, isRevisionNode, type NamedDevice } from './device-target';
import { attended } from './log-in';

/** Makes a checkout of what a device has, where a person wants it, and opens it. @param target see `deviceFor`; or the row of a revision. */
export async function cloneDevice(services: Services, target: unknown, wanted?: string): Promise<void> {
  const device = await deviceFor(services, target, l10n.t('Clone which device?'));
  const revision = isRevisionNode(target) ? target.revision.name : (wanted ?? (await whichRevision(device)));
  const parent = await parentFolder(device.name);
  const folder = await freeFolder(parent, device.name.split('/').at(-1) ?? 'device');
  const title =
    revision === undefined
      ? l10n.t('Cloning {0}', device.name)
      : l10n.t('Cloning revision {0} of {1}', revision, device.name);
  const cloned = await attended(services, () =>
    withProgress(title, (options) =>
      services.backend.request('cloneDevice', { device: device.address, revision, folder }, options),
    ),
  );
  void services.devices.refresh();
  const text = l10n.t(
    'Cloned revision {0} of {1} to {2}.',
    cloned.revision.name,
    cloned.remote,
    cloned.folder,
  );
  const place = Uri.file(cloned.folder);
  await offer(window.showInformationMessage, text, [
    { title: l10n.t('Open'), run: () => open(place, false) },
    { title: l10n.t('Open in New Window'), run: () => open(place, true) },
    ...(workspace.workspaceFolders === undefined
      ? []
      : [{ title: l10n.t('Add to Workspace'), run: () => addToWorkspace(place) }]),
  ]);
}

/** The newest one may be one that no device ever ran: where they differ, a person says which they mean. */
async function whichRevision({ model, name }: NamedDevice): Promise<string | undefined> {
  const { running, head } = model?.glance ?? {};
  if (running === undefined || head === undefined || running === head) return undefined;
  const items: (QuickPickItem & { readonly revision: string })[] = [
    { label: l10n.t('Revision {0}', running), description: l10n.t('what it runs'), revision: running },
    { label: l10n.t('Revision {0}', head), description: l10n.t('the newest one'), revision: head },
  ];
  const picked = await window.showQuickPick(items, {
    placeHolder: l10n.t('Clone which revision of {0}?', name),
  });
  if (picked === undefined) throw new Dismissed();
  return picked.revision;
}

async function parentFolder(name: string): Promise<string> {
  const beside = workspace.workspaceFolders?.[0]?.uri;
  const [place] =
    (await window.showOpenDialog({
      title: l10n.t('Choose a folder for the checkout of {0}', name),
      openLabel: l10n.t('Clone Here'),
      canSelectFolders: true,
      canSelectFiles: false,
      defaultUri: Uri.file(beside?.scheme === 'file' ? path.dirname(beside.fsPath) : homedir()),
    })) ?? [];
  if (place === undefined) throw new Dismissed();
  return place.fsPath;
}

/** `kitchen`, or `kitchen-2` where that is taken. */
async function freeFolder(parent: string, nick: string): Promise<string> {
  const name = nick.replaceAll(/[^\w.+-]/g, '-');
  for (let count = 1; ; count += 1) {
    const folder = path.join(parent, count === 1 ? name : `${name}-${count}`);
    const isThere = await workspace.fs.stat(Uri.file(folder)).then(
      () => true,
      () => false,
    );
    if (!isThere) return folder;
  }
}

function open(place: Uri, isInNewWindow: boolean): Thenable<unknown> {
  return commands.executeCommand('vscode.openFolder', place, { forceNewWindow: isInNewWindow });
}

function addToWorkspace(place: Uri): void {
  workspace.updateWorkspaceFolders(workspace.workspaceFolders?.length ?? 0, 0, { uri: place });
}
