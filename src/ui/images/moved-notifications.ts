import { l10n, window } from 'vscode';
import { execute } from '../manifest/commands';
import { offer } from '../messages/run-command';
import type { AppId } from '../model/checkouts';
import { type Disposable, Disposables } from '../model/event';
import { referenceOf } from '../model/image-state';
import type { ReviewedApp, Reviews } from '../model/reviews';
import type { Storage } from '../model/storage';
import type { MutedApps } from './muted-apps';

/** The digest that each app was last told about, by its checkout and name. */
type Told = Readonly<Record<string, string>>;

const storageKey = 'pantavisor.toldDigests';
/** More than these at once are told in one message. */
const mostAlone = 2;

/** Says once of each new digest that an app's image moved. */
export class MovedNotifications implements Disposable {
  readonly #reviews: Reviews;
  readonly #muted: MutedApps;
  readonly #storage: Storage;
  readonly #isWanted: () => boolean;
  readonly #subscriptions = new Disposables();
  #quiet = 0;

  constructor(reviews: Reviews, muted: MutedApps, storage: Storage, isWanted: () => boolean) {
    this.#reviews = reviews;
    this.#muted = muted;
    this.#storage = storage;
    this.#isWanted = isWanted;
    this.#subscriptions.add(reviews.onDidChange(() => this.#tellNews()));
  }

  /** For a check whose result somebody is told anyway: what is new in it counts as told. */
  async quietly<Result>(check: () => Promise<Result>): Promise<Result> {
    this.#quiet++;
    try {
      return await check();
    } finally {
      this.#quiet--;
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #tellNews(): void {
    if (!this.#isWanted()) return;
    const told = (this.#storage.get(storageKey) as Told | undefined) ?? {};
    const news = this.#reviews.moved.filter((moved) => told[keyOf(moved)] !== digestOf(moved));
    if (news.length === 0) return;
    const now = Object.fromEntries(news.map((moved) => [keyOf(moved), digestOf(moved)]));
    void this.#storage.update(storageKey, { ...told, ...now });

    if (this.#quiet > 0) return;
    const audible = news.filter((moved) => !this.#muted.has(idOf(moved)));
    if (audible.length > mostAlone) this.#tellAll(audible);
    else audible.forEach((moved) => this.#tellOne(moved));
  }

  #tellOne(moved: ReviewedApp): void {
    const { app } = moved;
    const id = idOf(moved);
    const reference = referenceOf(app) ?? '';
    const text = l10n.t('There is a newer image of {0}: {1} has moved.', this.#nameOf(moved), reference);
    void offer(window.showInformationMessage, text, [
      { title: l10n.t('Update as Patch'), run: () => execute('pantavisor.updateAsPatch', id) },
      { title: l10n.t('Later'), run: () => undefined },
      { title: l10n.t("Don't Ask for This App"), run: () => this.#muted.add(id) },
    ]);
  }

  #tellAll(moved: readonly ReviewedApp[]): void {
    const names = moved.map((one) => this.#nameOf(one)).join(', ');
    void offer(window.showInformationMessage, l10n.t('There are newer images of {0}.', names), [
      { title: l10n.t('Update…'), run: () => execute('pantavisor.updateMovedApp') },
      { title: l10n.t('Later'), run: () => undefined },
    ]);
  }

  /** Several checkouts may have an app of this name. */
  #nameOf({ model, app }: ReviewedApp): string {
    const isOnly = this.#reviews.all.filter((other) => other.app.name === app.name).length === 1;
    return isOnly ? app.name : `${app.name} (${model.name})`;
  }
}

function idOf({ model, app }: ReviewedApp): AppId {
  return { checkout: model.directory, app: app.name };
}

function keyOf({ model, app }: ReviewedApp): string {
  return `${model.directory}\n${app.name}`;
}

function digestOf({ review }: ReviewedApp): string {
  return review.image.kind === 'moved' ? review.image.current : '';
}
