import {
  commands,
  env,
  l10n,
  type LogOutputChannel,
  Uri,
  type WebviewView,
  type WebviewViewProvider,
} from 'vscode';
import type { CheckoutSizes, DashboardProtocol, DashboardStrings } from '../../../webview/dashboard/protocol';
import { formatSize } from '../../core/presentation/size';
import { execute } from '../manifest/commands';
import { errorText } from '../messages/remedy-text';
import type { CheckoutModel } from '../model/checkout-model';
import { debounce } from '../model/debounce';
import { type Disposable, Disposables } from '../model/event';
import type { OverlayFacts } from '../overlay/overlay-source';
import { pageFolder, pageHtml, postMessage } from '../webview/page-html';
import { failureStrings } from '../webview/page-strings';
import { checkoutSizes, unreadableSizes } from './checkout-sizes';
import { SameFilesKnown } from './same-files-known';

/** Changes come in bursts: several checkouts, and what was found out about their files. */
const settleMilliseconds = 50;

/** What all apps weigh, in the side bar. Nothing is read or worked out while nobody sees it. */
export class DashboardView implements WebviewViewProvider, Disposable {
  readonly #extension: Uri;
  readonly #facts: OverlayFacts;
  readonly #log: LogOutputChannel;
  readonly #sameFiles: SameFilesKnown;
  readonly #subscriptions = new Disposables();
  readonly #changed = this.#subscriptions.add(debounce(() => void this.#send(), settleMilliseconds));
  #view: WebviewView | undefined;
  /** A page that was hidden starts anew, and says when. */
  #isReady = false;
  #watch: Disposable | undefined;

  constructor(extension: Uri, facts: OverlayFacts, log: LogOutputChannel) {
    this.#extension = extension;
    this.#facts = facts;
    this.#log = log;
    this.#sameFiles = new SameFilesKnown(
      (checkoutDirectory, candidates, signal) =>
        facts.backend.request('findSameFiles', { checkoutDirectory, candidates }, { signal }),
      (error) => log.warn(`looking for files that are the same: ${errorText(error)}`),
    );
    for (const event of [
      facts.checkouts.onDidChangeList,
      facts.checkouts.onDidChangeCheckout,
      this.#sameFiles.onDidChange,
    ]) {
      this.#subscriptions.add(event(() => this.#changed()));
    }
  }

  resolveWebviewView(view: WebviewView): void {
    this.#view = view;
    const { webview } = view;
    webview.options = { enableScripts: true, localResourceRoots: [pageFolder(this.#extension)] };
    webview.onDidReceiveMessage((message: DashboardProtocol['toHost']) => this.#receive(message));
    view.onDidChangeVisibility(() => this.#watchWhileVisible());
    view.onDidDispose(() => {
      this.#view = undefined;
      this.#watchWhileVisible();
    });
    webview.html = pageHtml<DashboardProtocol>(webview, this.#extension, {
      name: 'dashboard',
      title: l10n.t('Sizes'),
      given: { strings: dashboardStrings(), state: { folded: [] }, first: [] },
    });
    this.#watchWhileVisible();
  }

  /** A setting changed that counts. */
  settingsChanged(): void {
    this.#changed();
  }

  dispose(): void {
    this.#watch?.dispose();
    this.#subscriptions.dispose();
  }

  get #isVisible(): boolean {
    return this.#view?.visible ?? false;
  }

  #watchWhileVisible(): void {
    if (this.#isVisible) {
      this.#watch ??= this.#facts.checkouts.watch();
      this.#changed();
      return;
    }
    this.#watch?.dispose();
    this.#watch = undefined;
    this.#sameFiles.stop();
    this.#isReady = false;
  }

  #receive(message: DashboardProtocol['toHost']): void {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        void this.#send();
        break;
      case 'goToApp':
      case 'showOverlay': {
        const { type, checkout, app } = message;
        void execute(`pantavisor.${type}`, { checkout, app });
        break;
      }
      case 'revealFolder': {
        const folder = Uri.joinPath(Uri.file(message.checkout), message.name);
        void commands.executeCommand('revealInExplorer', folder);
        break;
      }
      case 'copy':
        void env.clipboard.writeText(message.text);
        break;
    }
  }

  async #send(): Promise<void> {
    if (!this.#isVisible || !this.#isReady) return;
    try {
      const models = await this.#facts.checkouts.find();
      this.#show(await Promise.all(models.map((model) => this.#sizesOf(model))));
    } catch (error) {
      this.#log.error(`showing sizes: ${errorText(error)}`);
    }
  }

  #show(checkouts: readonly CheckoutSizes[]): void {
    const view = this.#view;
    if (view === undefined) return;
    const [only] = checkouts;
    view.description = checkouts.length === 1 && only !== undefined ? formatSize(only.total) : '';
    postMessage(view.webview, { type: 'sizes', checkouts } satisfies DashboardProtocol['toPage']);
  }

  async #sizesOf(model: CheckoutModel): Promise<CheckoutSizes> {
    const { directory, name } = model;
    const state = await model.read();
    switch (state.kind) {
      case 'read': {
        const { history, newBaseThreshold } = this.#facts;
        return checkoutSizes(state.checkout, {
          name,
          newBaseThreshold: newBaseThreshold(directory),
          history: (app) => history.of({ checkout: directory, app }),
          sameFiles: this.#sameFiles.of(state.checkout),
        });
      }
      case 'broken':
        return unreadableSizes(directory, name, errorText(state.problem));
      case 'unread':
        return unreadableSizes(directory, name, '');
    }
  }
}

/** What the size dashboard says. */
function dashboardStrings(): DashboardStrings {
  return {
    reading: l10n.t('Reading …'),
    noCheckout: l10n.t('There is no Pantavisor checkout in this workspace.'),
    noApps: l10n.t('This checkout has no apps yet.'),
    total: l10n.t('On the device: {0}', '{0}'),
    base: l10n.t('Base: {0}', '{0}'),
    overlay: l10n.t('Overlay: {0}', '{0}'),
    legend: {
      base: l10n.t('Base'),
      overlay: l10n.t('Overlay'),
      threshold: l10n.t('New base from {0} %', '{0}'),
    },
    overlayOf: l10n.t('Overlay of {0}', '{0}'),
    ofItsBase: l10n.t('{0} of the base', '{0}'),
    threshold: l10n.t('A new base is recommended from {0} %', '{0}'),
    levels: {
      recommended: l10n.t('A new base is recommended'),
      soon: l10n.t('A new base may pay soon'),
      fine: l10n.t('No new base is needed'),
    },
    history: l10n.t('The last {0} builds: {1}', '{0}', '{1}'),
    extensionOf: l10n.t('extends {0}', '{0}'),
    rest: l10n.t('Configuration and the rest: {0}', '{0}'),
    repeated: l10n.t('More than once'),
    sameFile: l10n.t('{0} are the same file ({1}): a device stores it once.', '{0}', '{1}'),
    sameImage: l10n.t(
      'The bases of {0} are made from the same image, but differ: {1} could be saved, for example if one extended the other.',
      '{0}',
      '{1}',
    ),
    ...failureStrings(),
  };
}
