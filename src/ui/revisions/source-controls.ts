import type { Checkouts } from '../model/checkouts';
import { type Disposable, Disposables } from '../model/event';
import { CheckoutSourceControl, type SourceControlFacts } from './checkout-source-control';

/** With more of them nobody finds anything, and VS Code lists all. */
const maxCheckouts = 20;

export interface SourceControlsFacts extends SourceControlFacts {
  readonly isWanted: () => boolean;
}

/** A source control for each checkout of the window, as long as the checkout is there. */
export class SourceControls implements Disposable {
  readonly #checkouts: Checkouts;
  readonly #facts: SourceControlsFacts;
  readonly #controls = new Map<string, CheckoutSourceControl>();
  readonly #subscriptions = new Disposables();
  #watch: Disposable | undefined;

  constructor(checkouts: Checkouts, facts: SourceControlsFacts) {
    this.#checkouts = checkouts;
    this.#facts = facts;
    this.#subscriptions.add(checkouts.onDidChangeList(() => this.#match()));
    this.settingsChanged();
  }

  of(directory: string): CheckoutSourceControl | undefined {
    return this.#controls.get(directory);
  }

  /** Source Control's badge counts also what nobody has looked at, so checkouts are looked for, read and watched for it. */
  settingsChanged(): void {
    if (!this.#facts.isWanted()) {
      this.#watch?.dispose();
      this.#watch = undefined;
    } else if (this.#watch === undefined) {
      this.#watch = this.#checkouts.watch();
      void this.#checkouts.find();
    }
    this.#match();
    for (const control of this.#controls.values()) control.update();
  }

  dispose(): void {
    this.#watch?.dispose();
    this.#subscriptions.dispose();
    for (const control of this.#controls.values()) control.dispose();
  }

  #match(): void {
    const models = this.#facts.isWanted() ? this.#checkouts.all.slice(0, maxCheckouts) : [];
    const wanted = new Set(models.map(({ directory }) => directory));
    for (const [directory, control] of this.#controls) {
      if (wanted.has(directory)) continue;
      control.dispose();
      this.#controls.delete(directory);
    }
    for (const model of models) {
      if (this.#controls.has(model.directory)) continue;
      this.#controls.set(model.directory, new CheckoutSourceControl(model, this.#facts));
      void model.read();
    }
  }
}
