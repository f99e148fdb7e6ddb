import { l10n, StatusBarAlignment, type StatusBarItem, window } from 'vscode';
import type { CommandId } from '../manifest/commands';
import { changeRows } from '../model/change-rows';
import type { Checkouts } from '../model/checkouts';
import { type Disposable, Disposables } from '../model/event';
import { countText, summaryText } from '../revisions/change-texts';
import { formatSize } from '../../core/presentation/size';

/** What isn't committed of all checkouts; nothing where all is. */
export class UncommittedItem implements Disposable {
  readonly #checkouts: Checkouts;
  readonly #isWanted: () => boolean;
  readonly #item: StatusBarItem;
  readonly #subscriptions = new Disposables();

  constructor(checkouts: Checkouts, isWanted: () => boolean) {
    this.#checkouts = checkouts;
    this.#isWanted = isWanted;
    this.#item = this.#subscriptions.add(
      window.createStatusBarItem('uncommitted', StatusBarAlignment.Left, 0),
    );
    this.#item.name = l10n.t('Pantavisor: Not Committed');
    const command: CommandId = 'pantavisor.showChanges';
    this.#item.command = command;
    this.#subscriptions.add(checkouts.onDidChangeCheckout(() => this.update()));
    this.#subscriptions.add(checkouts.onDidChangeList(() => this.update()));
  }

  update(): void {
    const waiting = this.#checkouts.all.flatMap(({ name, state }) => {
      if (state.kind !== 'read') return [];
      const rows = changeRows(state.checkout);
      return rows.changes.length === 0 ? [] : [{ name, rows, weight: state.checkout.weight }];
    });
    if (waiting.length === 0 || !this.#isWanted()) {
      this.#item.hide();
      return;
    }
    const count = countText(waiting.reduce((sum, { rows }) => sum + rows.changes.length, 0));
    const download = waiting.reduce((sum, { weight }) => sum + weight.download, 0);
    const text = download === 0 ? count : `${count} · ${formatSize(download)}`;
    this.#item.text = `$(git-commit) ${text}`;
    const lines = waiting.map(({ name, rows, weight }) => `${name}: ${summaryText(rows, weight)}`);
    this.#item.tooltip = [l10n.t('Not committed for devices'), ...lines].join('\n');
    this.#item.accessibilityInformation = {
      label: l10n.t('Pantavisor: {0} not committed', text),
      role: 'button',
    };
    this.#item.show();
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}
