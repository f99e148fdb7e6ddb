import { l10n, StatusBarAlignment, type StatusBarItem, window } from 'vscode';
import { commandLink, escapeMarkdown, trustedMarkdown } from '../manifest/commands';
import { type Disposable, Disposables } from '../model/event';
import { failureOf } from '../model/image-state';
import type { ReviewedApp, Reviews } from '../model/reviews';
import { timeAgo } from '../time-ago';

/** How many images moved; nothing when none did. */
export class MovedImagesItem implements Disposable {
  readonly #reviews: Reviews;
  readonly #isWanted: () => boolean;
  readonly #item: StatusBarItem;
  readonly #subscriptions = new Disposables();

  constructor(reviews: Reviews, isWanted: () => boolean) {
    this.#reviews = reviews;
    this.#isWanted = isWanted;
    this.#item = this.#subscriptions.add(
      window.createStatusBarItem('movedImages', StatusBarAlignment.Left, 0),
    );
    this.#item.name = l10n.t('Pantavisor: Moved Images');
    this.#item.command = 'pantavisor.updateMovedApp';
    this.#subscriptions.add(reviews.onDidChange(() => this.update()));
  }

  update(): void {
    const { moved } = this.#reviews;
    if (moved.length === 0 || !this.#isWanted()) {
      this.#item.hide();
      return;
    }
    const text = moved.length === 1 ? l10n.t('1 image moved') : l10n.t('{0} images moved', moved.length);
    this.#item.text = `$(cloud-download) ${text}`;
    this.#item.tooltip = trustedMarkdown(this.#tooltip(moved));
    const names = moved.map(({ app }) => app.name).join(', ');
    this.#item.accessibilityInformation = { label: `${text}: ${names}`, role: 'button' };
    this.#item.show();
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #tooltip(moved: readonly ReviewedApp[]): string {
    const failed = this.#reviews.all.flatMap(({ app, review }) => {
      const failure = failureOf(review.image);
      return failure === undefined ? [] : [`${app.name}: ${failure.found}`];
    });
    const times = this.#reviews.all.flatMap(({ review: { image } }) =>
      image.kind === 'unknown' ? [] : [image.checkedAt],
    );
    return [
      ...moved.map(line),
      ...failed.map((text) => `$(debug-disconnect) ${escapeMarkdown(text)}`),
      '---',
      [
        l10n.t('Last checked {0}', timeAgo(Math.max(...times))),
        commandLink(l10n.t('Check now'), 'pantavisor.checkAllImages'),
      ].join(' · '),
    ].join('\n\n');
  }
}

function line({ model, app }: ReviewedApp): string {
  const id = { checkout: model.directory, app: app.name };
  return [
    `**${escapeMarkdown(app.name)}**`,
    commandLink(l10n.t('Update as patch'), 'pantavisor.updateAsPatch', id),
    commandLink(l10n.t('Preview'), 'pantavisor.previewPatch', id),
  ].join(' · ');
}
