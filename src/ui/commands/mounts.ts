import { homedir } from 'node:os';
import { commands, env, l10n, Uri, window, workspace } from 'vscode';
import type { PageEntry } from '../../../webview/protocol';
import { byteStringToText } from '../../core/bytes/byte-string';
import type { MountAddress } from '../files/mount-address';
import { addressOf, mountUri } from '../files/mount-uri';
import { showSearch } from '../files/search-picker';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import { withProgress } from '../messages/with-progress';
import type { AppId } from '../model/checkouts';
import type { Services } from '../services';
import type { Commands } from './declare';
import { mountFor } from './mount-target';
import { placeToSave } from './targets';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.addToWorkspace': [mount?: AppId | Uri];
    'pantavisor.searchImage': [mount?: AppId | Uri, text?: string];
    'pantavisor.saveCopy': [file?: Uri | EntryTarget];
    'pantavisor.openEntry': [row: EntryTarget];
    'pantavisor.openEntryBefore': [row: EntryTarget];
    'pantavisor.copyEntryPath': [row: EntryTarget];
  }
}

export const mountsCommands = {
  'pantavisor.addToWorkspace': addToWorkspace,
  'pantavisor.searchImage': searchImage,
  'pantavisor.saveCopy': saveCopy,
  'pantavisor.openEntry': openPageEntry,
  'pantavisor.openEntryBefore': openPageEntryBefore,
  'pantavisor.copyEntryPath': copyPageEntryPath,
} satisfies Commands;

/** Writes a file of an image to a disk, whatever its size: the backend does it, in bounded memory. */
async function saveCopy(services: Services, target?: unknown): Promise<void> {
  const address = await addressFor(services, target);
  const name = byteStringToText(address.path.slice(address.path.lastIndexOf('/') + 1));
  const place = await placeToSave({
    title: l10n.t('Save a Copy of {0}', name),
    defaultUri: Uri.joinPath(defaultFolder(), allowedEverywhere(name)),
  });
  await withProgress(l10n.t('Saving {0}', name), (options) =>
    services.backend.request('saveCopy', { ...address, target: place.fsPath }, options),
  );
  window.setStatusBarMessage(l10n.t('Saved {0}.', place.fsPath), 5000);
}

async function addressFor({ contentPanels }: Services, target: unknown): Promise<MountAddress> {
  if (isEntryTarget(target)) {
    const { view, path, change, kind } = target.entry;
    const mounts = await contentPanels.active?.mounts(view);
    if (mounts === undefined) throw new Dismissed();
    const { before, after, whole } = mounts;
    const holder = change === 'deleted' ? (before ?? after) : kind === 'symlink' ? whole : after;
    return { files: holder.files, path };
  }
  const uri = target instanceof Uri ? target : window.activeTextEditor?.document.uri;
  const address = uri && addressOf(uri);
  if (address !== undefined) return address;
  throw new CannotRun(l10n.t('Open a file of an image first, or use its context menu.'));
}

function defaultFolder(): Uri {
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return folder?.uri ?? Uri.file(homedir());
}

/** Names of images may hold what Windows doesn't let a file have. */
function allowedEverywhere(name: string): string {
  return name.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_');
}

/** Makes what is in an image a folder of the workspace, for the Explorer and all that works on folders. */
async function addToWorkspace(services: Services, target?: unknown): Promise<void> {
  const { files, name } = await mountFor(services, target, l10n.t('Add what to the workspace?'));
  const uri = mountUri(files, '');
  // Asked first: a folder that can't be read says nothing about why.
  await services.backend.request('readFacts', { files, path: '' });
  const folders = workspace.workspaceFolders ?? [];
  if (!folders.some((folder) => folder.uri.toString() === uri.toString()))
    workspace.updateWorkspaceFolders(folders.length, 0, { uri, name });
  else await commands.executeCommand('revealInExplorer', uri);
}

/** Looks for files and texts in an image, while a person types; a key binding may give the text to begin with. */
async function searchImage(services: Services, target?: unknown, text?: unknown): Promise<void> {
  const mount = await mountFor(services, target, l10n.t('Search in what?'));
  showSearch(services.backend, mount, typeof text === 'string' ? text : '');
}

/** What VS Code hands to a command from the context menu of a page's row (webview/overlay/page-entry.ts). */
export interface EntryTarget {
  readonly entry: PageEntry;
}

export function isEntryTarget(target: unknown): target is EntryTarget {
  return typeof target === 'object' && target !== null && 'entry' in target;
}

/** What a double click on the row does. */
async function openPageEntry({ contentPanels }: Services, target?: unknown): Promise<void> {
  if (isEntryTarget(target)) await contentPanels.active?.open(target.entry);
}

/** The file as it was before the change. */
async function openPageEntryBefore({ contentPanels }: Services, target?: unknown): Promise<void> {
  if (isEntryTarget(target)) await contentPanels.active?.open(target.entry, 'before');
}

async function copyPageEntryPath(_: Services, target?: unknown): Promise<void> {
  if (isEntryTarget(target)) await env.clipboard.writeText(`/${byteStringToText(target.entry.path)}`);
}
