/**
 * Aborted with the first of several signals, with its reason, until it is disposed of.
 *
 * In place of AbortSignal.any: what that makes looks at its sources only when somebody asks or listens, and in Node 24 a source that was
 * aborted and collected meanwhile tells it nothing. So it serves where others hold the sources, and not at the ends of a connection,
 * where whoever aborts lets go of them.
 */
export class EitherSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #released = new AbortController();

  constructor(...sources: readonly AbortSignal[]) {
    for (const source of sources) {
      if (source.aborted) this.#controller.abort(source.reason);
      else
        source.addEventListener('abort', () => this.#controller.abort(source.reason), {
          once: true,
          signal: this.#released.signal,
        });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#released.abort();
  }
}
