import path from 'node:path';
import { EventEmitter, FileDecoration, type FileDecorationProvider, l10n, Uri, window } from 'vscode';
import { changeRows } from '../model/change-rows';
import type { CheckoutModel } from '../model/checkout-model';
import type { Checkouts } from '../model/checkouts';
import { type Disposable, Disposables } from '../model/event';
import { lookOfChange, type Standing } from './change-look';

/** What rows of the Apps view are decorated by: git and others decorate files. */
export const rowScheme = 'pantavisor-row';

/** @param name of an app, or empty for the checkout itself. */
export function rowUri({ directory }: CheckoutModel, name = ''): Uri {
  return Uri.file(path.join(directory, name)).with({ scheme: rowScheme });
}

/** Marks what isn't committed, in the Explorer and in the Apps view. Says nothing of what git sees as well but in a tooltip. */
export class UncommittedDecorations implements FileDecorationProvider, Disposable {
  readonly #checkouts: Checkouts;
  readonly #isWanted: () => boolean;
  readonly #changed = new EventEmitter<undefined>();
  readonly #subscriptions = new Disposables();

  constructor(checkouts: Checkouts, isWanted: () => boolean) {
    this.#checkouts = checkouts;
    this.#isWanted = isWanted;
    this.#subscriptions.add(this.#changed);
    this.#subscriptions.add(checkouts.onDidChangeCheckout(() => this.update()));
    this.#subscriptions.add(checkouts.onDidChangeList(() => this.update()));
    this.#subscriptions.add(window.registerFileDecorationProvider(this));
  }

  get onDidChangeFileDecorations() {
    return this.#changed.event;
  }

  update(): void {
    this.#changed.fire(undefined);
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    if (uri.scheme !== 'file' && uri.scheme !== rowScheme) return undefined;
    if (!this.#isWanted()) return undefined;
    const place = uri.scheme === 'file' ? uri.fsPath : uri.with({ scheme: 'file' }).fsPath;
    const model = this.#checkouts.containing(place);
    if (model?.state.kind !== 'read') return undefined;
    const file = path.relative(model.directory, place).split(path.sep).join('/');
    const { checkout } = model.state;
    const standing =
      uri.scheme === rowScheme
        ? standingOfRow(changeRows(checkout).changes, file)
        : checkout.uncommitted.find(({ path: one }) => one === file)?.standing;
    if (standing === undefined || standing === 'not-compared') return undefined;
    const { badge, color, label } = lookOfChange(standing);
    const decoration = new FileDecoration(badge, l10n.t('pvr: {0}', label), color);
    decoration.propagate = uri.scheme === 'file';
    return decoration;
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}

/** @param name of an app; empty: all of them. */
function standingOfRow(
  changes: readonly { readonly path: string; readonly standing: Standing }[],
  name: string,
): Standing | undefined {
  const own = changes.filter(({ path: file }) => name === '' || file === name || file.startsWith(`${name}/`));
  const [first, ...others] = own;
  if (first === undefined) return undefined;
  if (own.some(({ standing }) => standing === 'broken')) return 'broken';
  return others.every(({ standing }) => standing === first.standing) ? first.standing : 'changed';
}
