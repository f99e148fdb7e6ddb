import { reviewApp, staleSignaturesOf, type AppReview } from './app-review';
import { needsAttention } from './app-condition';
import type { CheckoutModel } from './checkout-model';
import type { Checkouts, FoundApp } from './checkouts';
import { Disposables, Emitter, type Disposable, type Event } from './event';
import type { ImageState } from './image-state';

export interface ReviewedApp extends FoundApp {
  readonly review: AppReview;
}

/** Whoever knows what is upstream. */
export interface ImageKnowledge {
  stateOf(found: FoundApp): ImageState;
  readonly onDidChange: Event<string>;
}

/** What all views say about an app, put together from everything that is known about it. */
export class Reviews implements Disposable {
  readonly #checkouts: Checkouts;
  readonly #images: ImageKnowledge;
  readonly #newBaseThreshold: (directory: string) => number;
  readonly #changed = new Emitter<CheckoutModel>();
  readonly #subscriptions = new Disposables();

  constructor(checkouts: Checkouts, images: ImageKnowledge, newBaseThreshold: (directory: string) => number) {
    this.#checkouts = checkouts;
    this.#images = images;
    this.#newBaseThreshold = newBaseThreshold;
    const changed = (directory: string) => {
      const model = checkouts.byDirectory(directory);
      if (model !== undefined) this.#changed.fire(model);
    };
    this.#subscriptions.add(checkouts.onDidChangeCheckout((model) => this.#changed.fire(model)));
    this.#subscriptions.add(images.onDidChange(changed));
  }

  /** What is said about apps of a checkout is something else now. */
  readonly onDidChange = this.#changed.event;

  /** A setting changed that counts. */
  settingsChanged(): void {
    for (const model of this.#checkouts.all) this.#changed.fire(model);
  }

  of({ model, app }: FoundApp): AppReview {
    return reviewApp(app, {
      apps: model.apps,
      image: this.#images.stateOf({ model, app }),
      newBaseThreshold: this.#newBaseThreshold(model.directory),
      staleSignatures: staleSignaturesOf(model),
    });
  }

  /** Of all apps that have been read; nothing is read for it. */
  get all(): readonly ReviewedApp[] {
    return this.#checkouts.all.flatMap((model) =>
      model.apps.map((app) => ({ model, app, review: this.of({ model, app }) })),
    );
  }

  /** Apps that somebody should do something about. */
  get needingAttention(): readonly ReviewedApp[] {
    return this.all.filter(({ review }) => needsAttention(review.condition));
  }

  /** Apps whose image is another one upstream, whatever else there is about them. */
  get moved(): readonly ReviewedApp[] {
    return this.all.filter(({ review }) => review.image.kind === 'moved');
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#changed.dispose();
  }
}
