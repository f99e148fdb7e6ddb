import {
  commands,
  l10n,
  type QuickPick,
  type QuickPickItem,
  QuickPickItemKind,
  Range,
  ThemeIcon,
  window,
} from 'vscode';
import type { BackendClient } from '../../backend/client';
import { type ByteString, byteStringToText } from '../../core/bytes/byte-string';
import type { FoundLine, SearchResult } from '../../core/mount/search-files';
import { errorText } from '../messages/remedy-text';
import { debounce } from '../model/debounce';
import { Disposables } from '../model/event';
import { mountUri } from './mount-uri';
import { openEntry } from './open-entry';
import type { NamedMount } from './view-mounts';

/** One letter is in every file. */
const shortestText = 2;

/**
 * Looks for files and texts in a mount while a person types. VS Code's own search reaches no file system of an extension: the
 * API for that is not open to extensions yet (microsoft/vscode#59921).
 *
 * @param text to begin with.
 */
export function showSearch(backend: BackendClient, mount: NamedMount, text = ''): void {
  const picker = window.createQuickPick<FoundItem>();
  const all = new Disposables();
  all.add(picker);
  picker.title = l10n.t('Search in {0}', mount.name);
  picker.placeholder = l10n.t('A name or a text; small letters find large ones, too');
  let searching = new AbortController();
  const search = async (): Promise<void> => {
    const { signal } = searching;
    try {
      const wanted = { files: mount.files, text: picker.value };
      const result = await backend.request('searchFiles', wanted, { signal });
      if (!signal.aborted) picker.items = itemsOf(result);
    } catch (error) {
      if (!signal.aborted) picker.items = [{ label: `$(error) ${errorText(error)}`, alwaysShow: true }];
    }
    if (!signal.aborted) picker.busy = false;
  };
  const searchSoon = all.add(debounce(() => void search(), 250));
  const changed = () => {
    searching.abort();
    searching = new AbortController();
    picker.busy = picker.value.length >= shortestText;
    if (picker.busy) searchSoon();
    else picker.items = [];
  };
  all.add(picker.onDidChangeValue(changed));
  all.add(picker.onDidAccept(() => void acceptItem(backend, mount, picker)));
  all.add(
    picker.onDidHide(() => {
      searching.abort();
      all.dispose();
    }),
  );
  picker.value = text;
  changed();
  picker.show();
}

interface FoundItem extends QuickPickItem {
  readonly path?: ByteString;
  readonly found?: FoundLine;
}

function itemsOf({ names, lines, isCut }: SearchResult): readonly FoundItem[] {
  if (names.length + lines.length === 0) return [{ label: l10n.t('Nothing was found.'), alwaysShow: true }];
  return [
    ...(names.length === 0 ? [] : [separator(l10n.t('files'))]),
    ...names.map((path): FoundItem => ({
      label: byteStringToText(path.slice(path.lastIndexOf('/') + 1)),
      description: `/${byteStringToText(path.slice(0, Math.max(0, path.lastIndexOf('/'))))}`,
      iconPath: ThemeIcon.File,
      alwaysShow: true,
      path,
    })),
    ...(lines.length === 0 ? [] : [separator(l10n.t('lines'))]),
    ...lines.map((found): FoundItem => ({
      // What looks like an icon's name in a line is text.
      label: found.preview.replaceAll('$(', '\\$('),
      description: `/${byteStringToText(found.path)}:${found.line + 1}`,
      alwaysShow: true,
      path: found.path,
      found,
    })),
    ...(isCut ? [{ label: l10n.t('There is more: type more of it.'), alwaysShow: true }] : []),
  ];
}

function separator(label: string): FoundItem {
  return { label, kind: QuickPickItemKind.Separator };
}

async function acceptItem(
  backend: BackendClient,
  mount: NamedMount,
  { selectedItems }: QuickPick<FoundItem>,
): Promise<void> {
  const [{ path, found } = {}] = selectedItems as readonly Partial<FoundItem>[];
  if (path === undefined) return;
  try {
    if (found === undefined) {
      const mounts = { before: undefined, after: mount, whole: mount };
      await openEntry(backend, mounts, { view: 'device', path, kind: 'file', change: undefined });
      return;
    }
    const { line, column, length } = found;
    const selection = new Range(line, column, line, column + length);
    await commands.executeCommand('vscode.open', mountUri(mount.files, path), { selection, preview: true });
  } catch (error) {
    void window.showErrorMessage(errorText(error));
  }
}
