/** The same shapes as VS Code's, so that they fit wherever it wants one; the model runs without it. */
export interface Disposable {
  dispose(): void;
}

export type Event<Value> = (listener: (value: Value) => unknown) => Disposable;

export class Emitter<Value = void> {
  readonly #listeners = new Set<(value: Value) => unknown>();

  readonly event: Event<Value> = (listener) => {
    // A listener of its own for each subscription, so that the same function can subscribe twice.
    const own = (value: Value) => listener(value);
    this.#listeners.add(own);
    return { dispose: () => this.#listeners.delete(own) };
  };

  fire(value: Value): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

/** Several as one, disposed of in reverse order. */
export class Disposables implements Disposable {
  readonly #all: Disposable[] = [];

  add<Item extends Disposable>(item: Item): Item {
    this.#all.push(item);
    return item;
  }

  dispose(): void {
    for (const item of this.#all.splice(0).reverse()) item.dispose();
  }
}
