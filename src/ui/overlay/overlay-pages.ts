import { l10n, ViewColumn, window, type WebviewPanel } from 'vscode';
import type { PageState } from '../../../webview/protocol';
import type { BuildReport } from '../../core/use-cases/report';
import { overlayPanelType } from '../manifest/view-ids';
import type { AppId } from '../model/checkouts';
import type { ComparedFiles } from '../model/compared-files';
import { Disposables, type Disposable } from '../model/event';
import { pageStrings } from '../webview/page-strings';
import type { ContentPanels } from './content-panels';
import type { OverlayPage } from './overlay-page';
import { overlayOnDisk, previewedOverlay, type OverlayFacts, type OverlaySource } from './overlay-source';

/** A preview is gone with its page: nothing could make it anew. */
const previewPanelType = 'pantavisor.patchPreview';

/** Shows what overlays hold, in pages that follow the checkout: one for each app, and one for its preview. */
export class OverlayPages implements Disposable {
  readonly #panels: ContentPanels;
  readonly #facts: OverlayFacts;
  readonly #compared: ComparedFiles;
  readonly #subscriptions = new Disposables();
  readonly #open = new Map<string, OpenPage>();
  /** Of all checkouts, while a page is seen. */
  #watch: Disposable | undefined;

  constructor(panels: ContentPanels, facts: OverlayFacts, compared: ComparedFiles) {
    this.#panels = panels;
    this.#compared = compared;
    this.#facts = facts;
    this.#subscriptions.add(
      facts.checkouts.onDidChangeCheckout(({ directory }) => {
        for (const { id, page } of this.#open.values()) if (id.checkout === directory) page.refresh();
      }),
    );
    this.#subscriptions.add(
      window.registerWebviewPanelSerializer(overlayPanelType, {
        deserializeWebviewPanel: (panel: WebviewPanel, state: PageState | undefined) => {
          const id = state?.subject;
          if (state === undefined || !isAppId(id)) panel.dispose();
          else this.#fill(panel, id, this.#onDisk(id), state);
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
    const strings = pageStrings();
    const isNothingNew = report.outcome === 'unchanged';
    const nothing = isNothingNew ? l10n.t('The overlay stays as it is.') : strings.nothing;
    this.#show(previewPanelType, id, previewedOverlay(this.#facts, id, report), { ...strings, nothing });
  }

  /** A setting changed that counts. */
  settingsChanged(): void {
    for (const { page } of this.#open.values()) page.refresh();
  }

  dispose(): void {
    for (const { panel } of this.#open.values()) panel.dispose();
    this.#watch?.dispose();
    this.#subscriptions.dispose();
  }

  #onDisk(id: AppId): OverlaySource {
    return overlayOnDisk(this.#facts, id);
  }

  #show(type: string, id: AppId, source: OverlaySource, strings = pageStrings()): void {
    const open = this.#open.get(keyOf(type, id));
    if (open !== undefined) {
      open.page.refresh(source);
      open.panel.reveal();
      return;
    }
    const panel = window.createWebviewPanel(type, source.title, ViewColumn.Active, {});
    this.#fill(panel, id, source, { subject: id, view: 'overlay', filter: '' }, strings);
  }

  #fill(
    panel: WebviewPanel,
    { checkout, app }: AppId,
    source: OverlaySource,
    state: PageState,
    strings = pageStrings(),
  ): void {
    const id = { checkout, app };
    const key = keyOf(panel.viewType, id);
    // VS Code brings back a tab of an earlier window when somebody turns to it, perhaps after the same page was opened here.
    this.#open.get(key)?.panel.dispose();
    const page = this.#panels.fill(panel, source, state, strings);
    this.#open.set(key, { id, panel, page });
    panel.onDidChangeViewState(() => this.#watchWhileSeen());
    panel.onDidDispose(() => {
      if (this.#open.get(key)?.panel === panel) this.#open.delete(key);
      this.#watchWhileSeen();
    });
    // Not sooner than the page is there, which it says first: looking for changes takes time, too.
    panel.webview.onDidReceiveMessage(() => {
      this.#watchWhileSeen();
      if (page.isSeen) void this.#compared.lookAt(id);
    });
  }

  #watchWhileSeen(): void {
    if ([...this.#open.values()].some(({ page }) => page.isSeen)) {
      this.#watch ??= this.#facts.checkouts.watch();
      return;
    }
    this.#watch?.dispose();
    this.#watch = undefined;
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

/** VS Code gives back what some version of this extension once kept. */
function isAppId(value: unknown): value is AppId {
  return (
    typeof value === 'object' &&
    value !== null &&
    'checkout' in value &&
    typeof value.checkout === 'string' &&
    'app' in value &&
    typeof value.app === 'string'
  );
}
