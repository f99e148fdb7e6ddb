import type { PageEntry, View } from '../protocol';
import type { Item } from './contents';

/** What a row stands for, when it is something that can be opened: a file, or a link that may lead to one. */
export function pageEntryOf(view: View, { entry }: Item): PageEntry | undefined {
  if (entry === undefined || (entry.kind !== 'file' && entry.kind !== 'symlink')) return undefined;
  const { path, kind, change } = entry;
  return { view, path, kind, change };
}

/**
 * What VS Code's own context menu is to know of a row (data-vscode-context). Package.json asks for `webviewSection` and
 * `entryChange`; commands get all of it.
 */
export function menuContext(entry: PageEntry | undefined): string {
  return JSON.stringify({
    preventDefaultContextMenuItems: true,
    ...(entry && { webviewSection: 'pantavisorEntry', entryChange: entry.change ?? 'none', entry }),
  });
}
