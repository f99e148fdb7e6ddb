import {
  EventEmitter,
  l10n,
  Uri,
  window,
  workspace,
  type CancellationToken,
  type TextDocumentContentProvider,
} from 'vscode';
import type { BackendClient } from '../../backend/client';
import type { BuildReport } from '../../core/build/report';
import { describeError } from '../../core/problem';
import { abortSignalOf } from '../abort-signal';
import { baseSizeOf } from '../model/base-size';
import type { AppId, Checkouts } from '../model/checkouts';
import { Disposables, type Disposable } from '../model/event';
import { overlayText, previewText } from './overlay-text';

const scheme = 'pantavisor-overlay';

/** Shows what overlays hold, in read-only documents that follow the checkout. */
export class OverlayPages implements TextDocumentContentProvider, Disposable {
  readonly #backend: BackendClient;
  readonly #checkouts: Checkouts;
  readonly #changed = new EventEmitter<Uri>();
  readonly #subscriptions = new Disposables();
  /** By the text of their URIs: nothing could make them anew. */
  readonly #previews = new Map<string, string>();

  constructor(backend: BackendClient, checkouts: Checkouts) {
    this.#backend = backend;
    this.#checkouts = checkouts;
    this.#subscriptions.add(workspace.registerTextDocumentContentProvider(scheme, this));
    this.#subscriptions.add(checkouts.onDidChangeCheckout(({ directory }) => this.#refresh(directory)));
    this.#subscriptions.add(
      workspace.onDidCloseTextDocument(({ uri }) => this.#previews.delete(uri.toString())),
    );
  }

  get onDidChange() {
    return this.#changed.event;
  }

  /** Opens the page of an app's overlay. */
  async show(id: AppId): Promise<void> {
    await open(pageUri(id, 'overlay'));
  }

  /** Opens the page of a preview. */
  async showPreview(id: AppId, report: BuildReport): Promise<void> {
    const uri = pageUri(id, 'preview');
    this.#previews.set(uri.toString(), previewText(report));
    this.#changed.fire(uri);
    await open(uri);
  }

  async provideTextDocumentContent(uri: Uri, token: CancellationToken): Promise<string> {
    const { id, kind } = pageOf(uri);
    if (kind === 'preview') {
      return this.#previews.get(uri.toString()) ?? l10n.t('This preview is over. Run "Preview Patch" again.');
    }
    try {
      return await this.#overlayText(id, abortSignalOf(token));
    } catch (error) {
      return describeError(error);
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#changed.dispose();
  }

  async #overlayText(id: AppId, signal: AbortSignal): Promise<string> {
    const found = await this.#checkouts.app(id);
    const params = { checkoutDirectory: id.checkout, app: id.app };
    const changes = await this.#backend.request('listOverlayChanges', params, { signal });
    const base = found && baseSizeOf(found.app, found.model.apps);
    return overlayText(id.app, { overlay: found?.app.overlay?.size ?? 0, base }, changes);
  }

  #refresh(checkout: string): void {
    for (const { uri } of workspace.textDocuments) {
      if (uri.scheme === scheme && pageOf(uri).id.checkout === checkout) this.#changed.fire(uri);
    }
  }
}

type PageKind = 'overlay' | 'preview';

function pageUri({ checkout, app }: AppId, kind: PageKind): Uri {
  const title = kind === 'overlay' ? l10n.t('{0} overlay', app) : l10n.t('{0} patch preview', app);
  return Uri.from({ scheme, path: `/${title}`, query: JSON.stringify({ checkout, app, kind }) });
}

function pageOf({ query }: Uri): { readonly id: AppId; readonly kind: PageKind } {
  const { checkout, app, kind } = JSON.parse(query) as AppId & { readonly kind: PageKind };
  return { id: { checkout, app }, kind };
}

async function open(uri: Uri): Promise<void> {
  const document = await workspace.openTextDocument(uri);
  await window.showTextDocument(document, { preview: true });
}
