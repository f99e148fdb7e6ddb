import {
  l10n,
  window,
  type CustomDocument,
  type CustomReadonlyEditorProvider,
  type Uri,
  type WebviewPanel,
} from 'vscode';
import type { BackendClient } from '../../backend/client';
import { Problem } from '../../core/problem';
import type { MountFileSystem } from '../files/mount-file-system';
import { squashfsEditorType } from '../manifest/view-ids';
import { Disposables, type Disposable } from '../model/event';
import { pageStrings } from '../webview/page-strings';
import type { ContentPanels } from './content-panels';
import { squashfsSource } from './squashfs-source';

/** What VS Code opens a SquashFS file with. */
export class SquashfsEditor implements CustomReadonlyEditorProvider, Disposable {
  readonly #panels: ContentPanels;
  readonly #backend: BackendClient;
  readonly #files: MountFileSystem;
  readonly #subscriptions = new Disposables();

  constructor(panels: ContentPanels, backend: BackendClient, files: MountFileSystem) {
    this.#panels = panels;
    this.#backend = backend;
    this.#files = files;
    this.#subscriptions.add(
      window.registerCustomEditorProvider(squashfsEditorType, this, {
        supportsMultipleEditorsPerDocument: true,
      }),
    );
  }

  openCustomDocument(uri: Uri): CustomDocument {
    if (uri.scheme === 'file') return { uri, dispose: () => undefined };
    throw new Problem({
      doing: l10n.t('opening {0}', uri.path),
      found: l10n.t('it lies on no disk'),
      remedy: l10n.t('Save a copy of it in a folder, and open that'),
    });
  }

  resolveCustomEditor({ uri }: CustomDocument, panel: WebviewPanel): void {
    const file = uri.fsPath;
    const source = squashfsSource(this.#backend, file);
    panel.title = source.title;
    const page = this.#panels.fill(panel, source, { view: 'base', filter: '' }, squashfsStrings());
    const watch = this.#files.onChangeOf([file], () => page.refresh());
    panel.onDidDispose(() => watch.dispose());
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}

function squashfsStrings(): ReturnType<typeof pageStrings> {
  return { ...pageStrings(), nothing: l10n.t('Nothing: the file system is empty.') };
}
