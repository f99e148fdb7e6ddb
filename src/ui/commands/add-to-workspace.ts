import { commands, l10n, workspace } from 'vscode';
import { mountUri } from '../files/mount-uri';
import type { Services } from '../services';
import { mountFor } from './mount-target';

/** Makes what is in an image a folder of the workspace, for the Explorer and all that works on folders. */
export async function addToWorkspace(services: Services, target?: unknown): Promise<void> {
  const { files, name } = await mountFor(services, target, l10n.t('Add what to the workspace?'));
  const uri = mountUri(files, '');
  // Asked first: a folder that can't be read says nothing about why.
  await services.backend.request('readFacts', { files, path: '' });
  const folders = workspace.workspaceFolders ?? [];
  if (!folders.some((folder) => folder.uri.toString() === uri.toString()))
    workspace.updateWorkspaceFolders(folders.length, 0, { uri, name });
  else await commands.executeCommand('revealInExplorer', uri);
}
