import { env } from 'vscode';
import type { PageEntry } from '../../../webview/protocol';
import { byteStringToText } from '../../core/rootfs/byte-string';
import type { Services } from '../services';

/** What VS Code hands to a command from the context menu of a page's row (webview/overlay/page-entry.ts). */
export interface EntryTarget {
  readonly entry: PageEntry;
}

export function isEntryTarget(target: unknown): target is EntryTarget {
  return typeof target === 'object' && target !== null && 'entry' in target;
}

/** What a double click on the row does. */
export async function openPageEntry({ contentPanels }: Services, target?: unknown): Promise<void> {
  if (isEntryTarget(target)) await contentPanels.active?.open(target.entry);
}

/** The file as it was before the change. */
export async function openPageEntryBefore({ contentPanels }: Services, target?: unknown): Promise<void> {
  if (isEntryTarget(target)) await contentPanels.active?.open(target.entry, 'before');
}

export async function copyPageEntryPath(_: Services, target?: unknown): Promise<void> {
  if (isEntryTarget(target)) await env.clipboard.writeText(`/${byteStringToText(target.entry.path)}`);
}
