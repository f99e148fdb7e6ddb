import type { LogOutputChannel, Uri, WebviewPanel } from 'vscode';
import type { OverlayProtocol, PageState, PageStrings } from '../../../webview/protocol';
import type { BackendClient } from '../../backend/client';
import { pageFolder, pageHtml, tabIcon } from '../webview/page-html';
import { OverlayPage } from './overlay-page';
import type { OverlaySource } from './overlay-source';

/** The panels that show contents, whoever opened them. */
export class ContentPanels {
  readonly #extension: Uri;
  readonly #backend: BackendClient;
  readonly #log: LogOutputChannel;
  readonly #open = new Map<WebviewPanel, OverlayPage>();

  constructor(extension: Uri, backend: BackendClient, log: LogOutputChannel) {
    this.#extension = extension;
    this.#backend = backend;
    this.#log = log;
  }

  /** The page that a person is looking at. */
  get active(): OverlayPage | undefined {
    return [...this.#open].find(([panel]) => panel.active)?.[1];
  }

  /** Puts a page into an empty panel. */
  fill(panel: WebviewPanel, source: OverlaySource, state: PageState, strings: PageStrings): OverlayPage {
    panel.iconPath = tabIcon(this.#extension);
    panel.webview.options = { enableScripts: true, localResourceRoots: [pageFolder(this.#extension)] };
    const page = new OverlayPage(panel.webview, source, this.#backend, this.#log);
    this.#open.set(panel, page);
    void page.prepare(state.view).then((first) => {
      if (this.#open.get(panel) !== page) return;
      const { title } = source;
      const given = { strings, state, first };
      panel.webview.html = pageHtml<OverlayProtocol>(panel.webview, this.#extension, {
        name: 'overlay',
        title,
        given,
      });
    });
    panel.onDidChangeViewState(() => {
      if (!panel.visible) page.hidden();
    });
    panel.onDidDispose(() => {
      page.dispose();
      this.#open.delete(panel);
    });
    return page;
  }
}
