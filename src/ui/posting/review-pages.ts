import { env, l10n, type Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import type { PostingProtocol } from '../../../webview/posting/protocol';
import { execute } from '../manifest/commands';
import { reviewPanelType } from '../manifest/view-ids';
import { type Disposable, Disposables } from '../model/event';
import { pageFolder, pageHtml, postMessage } from '../webview/page-html';
import { postingStrings } from './review-text';

/** What is reviewed. Plain data: VS Code keeps it over a restart. */
export interface ReviewSubject {
  /** Absolute path. */
  readonly checkout: string;
  /** Of the checkout. */
  readonly name: string;
  /** As a person named it; undefined: the one that the checkout came from. */
  readonly device?: string | undefined;
}

/** Where a review is shown. */
export interface ReviewPlace {
  /** A page that is hidden is let go of, and asks when it is seen again. */
  readonly isSeen: boolean;
  show(message: PostingProtocol['toPage']): void;
  close(): void;
}

/** What a page shows, and what becomes of what is pressed in it. */
export interface ReviewSource extends Disposable {
  /** Looks at it anew. */
  refresh(): void;
  act(id: string): void;
}

export type OpenReview = (subject: ReviewSubject, place: ReviewPlace) => ReviewSource;

interface OpenPage {
  readonly panel: WebviewPanel;
  readonly source: ReviewSource;
}

/** The reviews of posts: one for each checkout. VS Code opens them again after a restart. */
export class ReviewPages implements Disposable {
  readonly #extension: Uri;
  readonly #open: OpenReview;
  readonly #pages = new Map<string, OpenPage>();
  readonly #subscriptions = new Disposables();

  constructor(extension: Uri, open: OpenReview) {
    this.#extension = extension;
    this.#open = open;
    this.#subscriptions.add(
      window.registerWebviewPanelSerializer(reviewPanelType, {
        deserializeWebviewPanel: (panel: WebviewPanel, state: PostingProtocol['state'] | undefined) => {
          if (isSubject(state?.subject)) this.#fill(panel, state.subject);
          else panel.dispose();
          return Promise.resolve();
        },
      }),
    );
  }

  show(subject: ReviewSubject): void {
    const known = this.#pages.get(subject.checkout);
    if (known !== undefined) known.panel.dispose();
    this.#fill(window.createWebviewPanel(reviewPanelType, '', ViewColumn.Active, {}), subject);
  }

  dispose(): void {
    for (const { panel } of this.#pages.values()) panel.dispose();
    this.#subscriptions.dispose();
  }

  #fill(panel: WebviewPanel, subject: ReviewSubject): void {
    const { checkout, name } = subject;
    this.#pages.get(checkout)?.panel.dispose();
    panel.title = l10n.t('Post {0}', name);
    panel.webview.options = { enableScripts: true, localResourceRoots: [pageFolder(this.#extension)] };
    const source = this.#open(subject, {
      get isSeen() {
        return panel.visible;
      },
      show: (message) => postMessage(panel.webview, message),
      close: () => void panel.dispose(),
    });
    this.#pages.set(checkout, { panel, source });
    panel.webview.onDidReceiveMessage((message: PostingProtocol['toHost']) => {
      switch (message.type) {
        case 'ready':
          source.refresh();
          break;
        case 'act':
          source.act(message.id);
          break;
        case 'compare':
          void execute('pantavisor.compareWithDevice', { checkout, part: message.part });
          break;
        case 'copy':
          void env.clipboard.writeText(message.text);
          break;
      }
    });
    panel.onDidDispose(() => {
      source.dispose();
      if (this.#pages.get(checkout)?.panel === panel) this.#pages.delete(checkout);
    });
    panel.webview.html = pageHtml<PostingProtocol>(panel.webview, this.#extension, {
      name: 'posting',
      title: panel.title,
      given: { strings: postingStrings(), state: { subject }, first: [] },
    });
  }
}

/** VS Code gives back what some version of this extension once kept. */
function isSubject(value: unknown): value is ReviewSubject {
  return (
    typeof value === 'object' &&
    value !== null &&
    'checkout' in value &&
    typeof value.checkout === 'string' &&
    'name' in value &&
    typeof value.name === 'string' &&
    (!('device' in value) || typeof value.device === 'string')
  );
}
