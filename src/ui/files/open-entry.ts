import { commands, l10n, type Uri } from 'vscode';
import type { PageEntry } from '../../../webview/protocol';
import type { BackendClient } from '../../backend/client';
import { type ByteString, byteStringToText } from '../../core/bytes/byte-string';
import { execute } from '../manifest/commands';
import { CannotRun } from '../messages/cannot-run';
import { binaryUri, compareBinary } from './binary-documents';
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
  const isHere = change !== 'deleted' && side === 'both';
  const wasThere =
    before !== undefined && (change === 'changed' || change === 'deleted' || side === 'before');
  const now = kind === 'symlink' ? whole : after;
  const places = { path, before: wasThere ? before.files : undefined, after: isHere ? now.files : undefined };
  const title = `${nameOf(path)} (${before?.name ?? ''} ↔ ${after.name})`;
  const binary = isShownByVSCode.test(path) ? null : await compareBinary(backend, places);
  if (binary !== null) {
    const shown = (['before', 'after'] as const).filter((one) => binary[one] !== undefined);
    await show(
      shown.map((one) => binaryUri(places, one)),
      title,
    );
    return;
  }
  const old = wasThere ? await shownUri(backend, before, path) : undefined;
  const is = isHere ? await shownUri(backend, now, path) : undefined;
  // What is there instead of a file that was, a folder or a link that leads to nothing, is not shown as that file.
  const uris = [old, is].filter((uri) => uri !== undefined);
  if (uris.length === 0 || (isHere && is === undefined))
    throw new CannotRun(l10n.t('{0} is no file that can be shown.', nameOf(path)));
  await show(uris, title);
}

/** One alone, or two side by side. */
async function show([first, second]: readonly Uri[], title: string): Promise<void> {
  const options = { preview: true };
  if (second === undefined) await commands.executeCommand('vscode.open', first, options);
  else await commands.executeCommand('vscode.diff', first, second, title, options);
}

/** Pictures, sound and films: VS Code has better to show of these than what they weigh. */
const isShownByVSCode = /\.(png|jpe?g|gif|bmp|ico|webp|avif|mp3|wav|og[ga]|mp4|webm)$/i;

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
