import type { AppId, Checkouts } from './checkouts';
import type { Disposable } from './event';

export interface Comparison {
  /** A workspace that isn't trusted is only looked at: what is found out is written into the checkout. */
  readonly isAllowed: () => boolean;
  /** Hashes an app's large files, so that the next reading of its checkout knows them. */
  readonly hash: (id: AppId, signal: AbortSignal) => PromiseLike<unknown>;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Compares the large files of apps that somebody looks at with the last commit, in the background: lists only say that they
 * have not been compared yet.
 */
export class ComparedFiles implements Disposable {
  readonly #checkouts: Checkouts;
  readonly #comparison: Comparison;
  readonly #stop = new AbortController();
  /** Files are hashed once, also where nothing can be kept of it, as in a checkout that one may only read. */
  readonly #asked = new Set<string>();

  constructor(checkouts: Checkouts, comparison: Comparison) {
    this.#checkouts = checkouts;
    this.#comparison = comparison;
  }

  /** Somebody looks at an app. What is found out about it is told by its checkout. */
  async lookAt(id: AppId): Promise<void> {
    if (!this.#comparison.isAllowed()) return;
    const model = this.#checkouts.byDirectory(id.checkout);
    const unknown = model?.app(id.app)?.files.filter(({ tracking }) => tracking === 'not-compared') ?? [];
    const question = JSON.stringify([id.checkout, id.app, unknown]);
    if (model === undefined || unknown.length === 0 || this.#asked.has(question)) return;
    this.#asked.add(question);
    try {
      await this.#comparison.hash(id, this.#stop.signal);
      await model.refresh();
    } catch (error) {
      this.#asked.delete(question);
      if (!this.#stop.signal.aborted) this.#comparison.onFailure(error);
    }
  }

  dispose(): void {
    this.#stop.abort();
  }
}
