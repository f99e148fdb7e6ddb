import { EventEmitter, type TextDocumentContentProvider, type Uri, workspace } from 'vscode';
import type { BackendClient } from '../../backend/client';
import type { Checkouts } from '../model/checkouts';
import { type Disposable, Disposables } from '../model/event';
import { commitAddressOf, commitScheme } from './commit-address';

/** Files of the last commit, as read-only texts. They follow what is committed, and how the files that lie there are written. */
export class CommittedDocuments implements TextDocumentContentProvider, Disposable {
  readonly #backend: BackendClient;
  readonly #changed = new EventEmitter<Uri>();
  readonly #subscriptions = new Disposables();

  constructor(backend: BackendClient, checkouts: Checkouts) {
    this.#backend = backend;
    this.#subscriptions.add(this.#changed);
    this.#subscriptions.add(workspace.registerTextDocumentContentProvider(commitScheme, this));
    this.#subscriptions.add(
      checkouts.onDidChangeCheckout(({ directory }) => {
        for (const { uri } of workspace.textDocuments)
          if (uri.scheme === commitScheme && commitAddressOf(uri)?.checkout === directory)
            this.#changed.fire(uri);
      }),
    );
  }

  get onDidChange() {
    return this.#changed.event;
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const address = commitAddressOf(uri);
    if (address === undefined) return '';
    const { checkout: checkoutDirectory, file, view } = address;
    const text =
      view === 'present-sorted'
        ? await this.#backend.request('readPresentText', { checkoutDirectory, file })
        : await this.#backend.request('readCommittedText', { checkoutDirectory, file, form: view });
    return text ?? '';
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}
