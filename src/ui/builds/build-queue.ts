interface Entry {
  readonly what: string;
  readonly done: Promise<unknown>;
}

export interface QueuedWork<Result> {
  /** What the work changes; only one at a time does. */
  readonly checkout: string;
  /** For whoever has to wait for it: `Updating web`. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** Called each time that somebody else has to be waited for, with what they do. */
  onWaiting(what: string): void;
  run(): Promise<Result>;
}

/** Work on the same checkout one after the other, on different ones side by side. */
export class BuildQueue {
  readonly #last = new Map<string, Entry>();

  /** Throws the signal's reason when it is aborted while waiting; whoever waits for this one then waits for its predecessor. */
  async run<Result>(work: QueuedWork<Result>): Promise<Result> {
    const { checkout, what } = work;
    const before = this.#last.get(checkout);
    const result = this.#runAfter(before, work);
    // Abandoned while waiting, it must not let its successor overtake its predecessor.
    const done = Promise.allSettled([before?.done, result]);
    const entry = { what, done };
    this.#last.set(checkout, entry);
    try {
      return await result;
    } finally {
      void done.then(() => {
        if (this.#last.get(checkout) === entry) this.#last.delete(checkout);
      });
    }
  }

  async #runAfter<Result>(before: Entry | undefined, work: QueuedWork<Result>): Promise<Result> {
    if (before !== undefined) {
      work.onWaiting(before.what);
      await Promise.race([before.done, aborted(work.signal)]);
    }
    work.signal.throwIfAborted();
    return work.run();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
