/** Passes values on, at once and then at most one in `interval` milliseconds: the newest, also when no other follows it. */
export class Throttle<T> {
  readonly #interval: number;
  readonly #pass: (value: T) => void;
  #timer: NodeJS.Timeout | undefined;
  #waiting: { readonly value: T } | undefined;

  constructor(interval: number, pass: (value: T) => void) {
    this.#interval = interval;
    this.#pass = pass;
  }

  push(value: T): void {
    if (this.#timer === undefined) this.#passNow(value);
    else this.#waiting = { value };
  }

  /** Passes nothing on any more, not even what waits. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
  }

  #passNow(value: T): void {
    this.#pass(value);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting !== undefined) this.#passNow(waiting.value);
    }, this.#interval);
  }
}
