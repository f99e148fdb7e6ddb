import { commands, l10n, type Uri } from 'vscode';
import type { PageEntry } from '../../../webview/protocol';
import type { BackendClient } from '../../backend/client';
import { type ByteString, byteStringToText } from '../../core/bytes/byte-string';
import { execute } from '../manifest/commands';
import { CannotRun } from '../messages/cannot-run';
import { largestFile, tooLargeText } from './mount-file-system';
import { mountUri } from './mount-uri';
import type { NamedMount, ViewMounts } from './view-mounts';

/** Which side of a change is wanted; both go side by side. */
export type Side = 'both' | 'before';

/**
 * Opens what a row of a page stands for: what changed side by side in VS Code's own way, all else read-only.
 *
 * @throws CannotRun where there is nothing that could be shown.
 */
export async function openEntry(
  backend: BackendClient,
  { before, after, whole }: ViewMounts,
  { path, kind, change }: PageEntry,
  side: Side = 'both',
): Promise<void> {
  const isHere = change !== 'deleted';
  const wasThere =
    before !== undefined && (change === 'changed' || change === 'deleted' || side === 'before');
  const old = wasThere ? await shownUri(backend, before, path) : undefined;
  const now =
    isHere && side === 'both' ? await shownUri(backend, kind === 'symlink' ? whole : after, path) : undefined;
  if (old !== undefined && now !== undefined) {
    const title = `${nameOf(path)} (${before?.name ?? ''} ↔ ${after.name})`;
    await commands.executeCommand('vscode.diff', old, now, title, { preview: true });
    return;
  }
  // What is there instead of a file that was, a folder or a link that leads to nothing, is not shown as that file.
  const only = isHere && side === 'both' ? now : old;
  if (only === undefined) throw new CannotRun(l10n.t('{0} is no file that can be shown.', nameOf(path)));
  await commands.executeCommand('vscode.open', only, { preview: true });
}

/** Undefined of what is no file there. @throws CannotRun of one that is too large. */
async function shownUri(
  backend: BackendClient,
  { files }: NamedMount,
  path: ByteString,
): Promise<Uri | undefined> {
  const facts = await backend.request('readFacts', { files, path });
  if ('absent' in facts || facts.kind !== 'file') return undefined;
  const uri = mountUri(files, path);
  if (facts.size <= largestFile) return uri;
  throw new CannotRun(`${nameOf(path)}: ${tooLargeText(facts.size)}`, [
    { title: l10n.t('Save a Copy…'), run: () => execute('pantavisor.saveCopy', uri) },
  ]);
}

function nameOf(path: ByteString): string {
  return byteStringToText(path.slice(path.lastIndexOf('/') + 1));
}
