import { homedir } from 'node:os';
import { l10n, window, workspace, type Uri } from 'vscode';
import type { Services } from '../services';
import { Dismissed } from './dismissed';

/** Makes a folder a checkout, as `pvr init` does. */
export async function initCheckout({ checkouts }: Services): Promise<void> {
  const folder = await chooseFolder();
  const { defaultObjectsDirectory, initCheckout: init } = await import('../../core/checkout/init');
  await init(folder.fsPath, { objectsDirectory: defaultObjectsDirectory(process.env, homedir()) });
  await checkouts.find();
  await checkouts.findAgain();
  void window.showInformationMessage(l10n.t('{0} is a checkout now.', folder.fsPath));
}

async function chooseFolder(): Promise<Uri> {
  const [only, ...others] = workspace.workspaceFolders ?? [];
  const defaultUri = others.length === 0 ? only?.uri : undefined;
  const [folder] =
    (await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: l10n.t('Make It a Checkout'),
      ...(defaultUri && { defaultUri }),
    })) ?? [];
  if (folder === undefined) throw new Dismissed();
  return folder;
}
