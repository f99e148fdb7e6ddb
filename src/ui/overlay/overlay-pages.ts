import { l10n, TabInputWebview, ViewColumn, window, type WebviewPanel } from 'vscode';
import type { PageState } from '../../../webview/protocol';
import { sameDigest } from '../../core/checkout/manifests/same-digest';
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
        for (const open of this.#open.values()) if (open.id.checkout === directory) void this.#follow(open);
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
  show(id: AppId, column?: ViewColumn): void {
    this.#show(overlayPanelType, id, this.#onDisk(id), undefined, column);
  }

  /** Opens the page of a preview. */
  showPreview(id: AppId, report: BuildReport): void {
    const strings = pageStrings();
    const isNothingNew = report.outcome === 'unchanged';
    const nothing = isNothingNew ? l10n.t('The overlay stays as it is.') : strings.nothing;
    const source = previewedOverlay(this.#facts, id, report);
    const open = this.#show(previewPanelType, id, source, { ...strings, nothing });
    void this.#baseOf(id).then((base) => (open.preview = { image: report.image, base }));
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

  /** A checkout changed that a page is about. */
  async #follow(open: OpenPage): Promise<void> {
    const { id, panel, page, preview } = open;
    if (preview === undefined) {
      page.refresh();
      panel.title = (await this.#onDisk(id).tab?.()) ?? panel.title;
      return;
    }
    const overlay = (await this.#facts.checkouts.app(id))?.app.overlay?.digest;
    const isBuilt = overlay !== undefined && sameDigest(overlay, preview.image);
    if (!isBuilt && (await this.#baseOf(id)) === preview.base) return;
    // What would be is, or is no longer what would be.
    const { active, viewColumn } = panel;
    panel.dispose();
    if (isBuilt && active) this.show(id, viewColumn);
  }

  /** What tells the base of an app from another one. */
  async #baseOf(id: AppId): Promise<string> {
    const found = await this.#facts.checkouts.app(id);
    const owner = found?.model.apps.find(({ name }) => name === (found.app.baseApp ?? found.app.name));
    return JSON.stringify([owner?.base?.digest, owner?.base?.size]);
  }

  #onDisk(id: AppId): OverlaySource {
    return overlayOnDisk(this.#facts, id);
  }

  #show(
    type: string,
    id: AppId,
    source: OverlaySource,
    strings = pageStrings(),
    column: ViewColumn = ViewColumn.Active,
  ): OpenPage {
    const open = this.#open.get(keyOf(type, id));
    if (open !== undefined) {
      open.page.refresh(source);
      open.panel.reveal();
      return open;
    }
    this.#closeUnseen(type, id, source.title);
    const panel = window.createWebviewPanel(type, source.title, column, {});
    return this.#fill(panel, id, source, { subject: id, view: 'overlay', filter: '' }, strings);
  }

  /**
   * Closes the tab that an earlier window has left of the same page. VS Code says of it no more than its title until somebody turns to
   * it, so that it stays where that might be another's.
   */
  #closeUnseen(type: string, { app }: AppId, title: string): void {
    const isOneOfSeveral =
      this.#facts.checkouts.all.filter(({ apps }) => apps.some(({ name }) => name === app)).length > 1;
    if (isOneOfSeveral) return;
    const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
    const unseen = tabs.filter(
      ({ input, label }) =>
        label === title && input instanceof TabInputWebview && input.viewType.endsWith(`-${type}`),
    );
    if (unseen.length > 0) void window.tabGroups.close(unseen, true);
  }

  #fill(
    panel: WebviewPanel,
    { checkout, app }: AppId,
    source: OverlaySource,
    state: PageState,
    strings = pageStrings(),
  ): OpenPage {
    const id = { checkout, app };
    const key = keyOf(panel.viewType, id);
    // VS Code brings back a tab of an earlier window when somebody turns to it, perhaps after the same page was opened here.
    this.#open.get(key)?.panel.dispose();
    const page = this.#panels.fill(panel, source, state, strings);
    const open: OpenPage = { id, panel, page };
    this.#open.set(key, open);
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
    return open;
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
  /** Of a preview: the digest of its image, and the base that it would lie on. */
  preview?: { readonly image: string; readonly base: string };
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
