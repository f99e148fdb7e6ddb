import { ViewColumn, window, type LogOutputChannel, type Uri, type WebviewPanel } from 'vscode';
import type { PageState } from '../../../webview/protocol';
import type { BuildReport } from '../../core/build/report';
import { overlayPanelType } from '../manifest/view-ids';
import type { AppId } from '../model/checkouts';
import { Disposables, type Disposable } from '../model/event';
import { pageFolder, pageHtml } from '../webview/page-html';
import { pageStrings } from '../webview/page-strings';
import { OverlayPage } from './overlay-page';
import { overlayOnDisk, previewedOverlay, type OverlayFacts, type OverlaySource } from './overlay-source';

/** A preview is gone with its page: nothing could make it anew. */
const previewPanelType = 'pantavisor.patchPreview';

/** Shows what overlays hold, in pages that follow the checkout: one for each app, and one for its preview. */
export class OverlayPages implements Disposable {
  readonly #extension: Uri;
  readonly #facts: OverlayFacts;
  readonly #log: LogOutputChannel;
  readonly #subscriptions = new Disposables();
  readonly #open = new Map<string, OpenPage>();

  constructor(extension: Uri, facts: OverlayFacts, log: LogOutputChannel) {
    this.#extension = extension;
    this.#facts = facts;
    this.#log = log;
    this.#subscriptions.add(
      facts.checkouts.onDidChangeCheckout(({ directory }) => {
        for (const { id, page } of this.#open.values()) if (id.checkout === directory) page.refresh();
      }),
    );
    this.#subscriptions.add(
      window.registerWebviewPanelSerializer(overlayPanelType, {
        deserializeWebviewPanel: (panel: WebviewPanel, state: PageState | undefined) => {
          if (state === undefined) panel.dispose();
          else this.#fill(panel, state, this.#onDisk(state), state);
          return Promise.resolve();
        },
      }),
    );
  }

  /** Opens the page of an app's overlay. */
  show(id: AppId): void {
    this.#show(overlayPanelType, id, this.#onDisk(id));
  }

  /** Opens the page of a preview. */
  showPreview(id: AppId, report: BuildReport): void {
    this.#show(previewPanelType, id, previewedOverlay(this.#facts, id, report));
  }

  /** A setting changed that counts. */
  settingsChanged(): void {
    for (const { page } of this.#open.values()) page.refresh();
  }

  dispose(): void {
    for (const { panel } of this.#open.values()) panel.dispose();
    this.#subscriptions.dispose();
  }

  #onDisk(id: AppId): OverlaySource {
    return overlayOnDisk(this.#facts, id);
  }

  #show(type: string, id: AppId, source: OverlaySource): void {
    const open = this.#open.get(keyOf(type, id));
    if (open !== undefined) {
      open.page.refresh(source);
      open.panel.reveal();
      return;
    }
    const panel = window.createWebviewPanel(type, source.title, ViewColumn.Active, {});
    this.#fill(panel, id, source, { ...id, view: 'overlay', filter: '' });
  }

  #fill(panel: WebviewPanel, { checkout, app }: AppId, source: OverlaySource, state: PageState): void {
    const id = { checkout, app };
    const key = keyOf(panel.viewType, id);
    panel.webview.options = { enableScripts: true, localResourceRoots: [pageFolder(this.#extension)] };
    const page = new OverlayPage(panel.webview, id, source, this.#log);
    panel.webview.html = pageHtml(panel.webview, this.#extension, {
      name: 'overlay',
      title: source.title,
      given: { strings: pageStrings(), state },
    });
    this.#open.set(key, { id, panel, page });
    panel.onDidDispose(() => {
      page.dispose();
      this.#open.delete(key);
    });
  }
}

interface OpenPage {
  readonly id: AppId;
  readonly panel: WebviewPanel;
  readonly page: OverlayPage;
}

function keyOf(type: string, { checkout, app }: AppId): string {
  return JSON.stringify([type, checkout, app]);
}
