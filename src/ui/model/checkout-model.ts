import path from 'node:path';
import type { App } from '../../core/checkout/app';
import type { Checkout } from '../../core/checkout/checkout';
import { Problem } from '../../core/problem';
import { debounce } from './debounce';
import { Emitter, type Disposable } from './event';

/** What is known about a checkout. */
export type CheckoutState =
  | { readonly kind: 'unread' }
  | { readonly kind: 'read'; readonly checkout: Checkout }
  /** It can't be read as a whole; a single broken app is a contradiction of that app. */
  | { readonly kind: 'broken'; readonly problem: Problem };

/** How a model gets at the disk. */
export interface CheckoutAccess {
  readCheckout(directory: string): Promise<Checkout>;
  /** Calls `onChange` whenever a file changes that {@link readCheckout} looks at. */
  watch(directory: string, onChange: () => void): Promise<Disposable>;
}

/** File events come in bursts: an editor's save is three, a build's end is dozens. */
const settleMilliseconds = 500;

/**
 * One checkout as all views show it. Nothing is read before somebody asks, nothing watched unless somebody does; a change
 * is told only when what was read is another thing than before.
 */
export class CheckoutModel implements Disposable {
  /** Tells it from the window's other checkouts; see distinct-names.ts. */
  name: string;
  readonly #access: CheckoutAccess;
  readonly #changed = new Emitter<CheckoutModel>();
  readonly #changedOnDisk = debounce(() => void this.refresh(), settleMilliseconds);
  #state: CheckoutState = { kind: 'unread' };
  /** What was read last may no longer be true. */
  #isStale = true;
  #reading: Promise<CheckoutState> | undefined;
  #nextReading: Promise<CheckoutState> | undefined;
  #builds = 0;
  #holds = 0;
  #observers = 0;
  #watching: Promise<Disposable> | undefined;

  constructor(
    /** Absolute path. */
    readonly directory: string,
    access: CheckoutAccess,
  ) {
    this.name = path.basename(directory);
    this.#access = access;
  }

  readonly onDidChange = this.#changed.event;

  get state(): CheckoutState {
    return this.#state;
  }

  /** Those that were read last; none before. */
  get apps(): readonly App[] {
    return this.#state.kind === 'read' ? this.#state.checkout.apps : [];
  }

  app(name: string): App | undefined {
    return this.apps.find((app) => app.name === name);
  }

  /** What is on disk: read now, unless it is known, watched, and nothing has changed since. */
  async read(): Promise<CheckoutState> {
    return this.#isStale || this.#watching === undefined ? this.refresh() : this.#state;
  }

  /** Reads anew. Calls that come while that happens share one more reading after it, since this one may have missed something. */
  refresh(): Promise<CheckoutState> {
    if (this.#reading === undefined) {
      this.#reading = this.#readFromDisk().finally(() => (this.#reading = undefined));
      return this.#reading;
    }
    const readAgain = () => {
      this.#nextReading = undefined;
      return this.refresh();
    };
    this.#nextReading ??= this.#reading.then(readAgain, readAgain);
    return this.#nextReading;
  }

  /** Keeps the model up to date by itself until disposed of. */
  watch(): Disposable {
    this.#observers++;
    this.#watching ??= this.#access.watch(this.directory, () => this.#noteChange());
    return once(() => {
      this.#observers--;
      if (this.#observers > 0) return;
      this.#stopWatching();
    });
  }

  /** Until disposed of, a build of ours works on the checkout: that is no interrupted change. */
  build(): Disposable {
    this.#builds++;
    return once(() => this.#builds--);
  }

  /** Until disposed of, changes on disk are a build's half-done work, not worth a look; then there is one. */
  hold(): Disposable {
    this.#holds++;
    return once(() => {
      this.#holds--;
      if (this.#holds === 0 && this.#isStale) void this.refresh();
    });
  }

  dispose(): void {
    this.#changedOnDisk.dispose();
    this.#stopWatching();
    this.#changed.dispose();
  }

  #noteChange(): void {
    this.#isStale = true;
    // A watch takes a while to end, and may still tell something when nobody wants to know.
    if (this.#holds === 0 && this.#observers > 0) this.#changedOnDisk();
  }

  #stopWatching(): void {
    void this.#watching?.then((watching) => watching.dispose());
    this.#watching = undefined;
    this.#changedOnDisk.dispose();
    this.#isStale = true;
  }

  async #readFromDisk(): Promise<CheckoutState> {
    this.#isStale = false;
    const state = await this.#stateOnDisk().catch((error: unknown) => {
      this.#isStale = true;
      throw error;
    });
    const isAnother = signature(state) !== signature(this.#state);
    this.#state = state;
    if (isAnother) this.#changed.fire(this);
    return state;
  }

  async #stateOnDisk(): Promise<CheckoutState> {
    try {
      const checkout = await this.#access.readCheckout(this.directory);
      return { kind: 'read', checkout: this.#builds > 0 ? withoutInterruption(checkout) : checkout };
    } catch (problem) {
      if (problem instanceof Problem) return { kind: 'broken', problem };
      throw problem;
    }
  }
}

function withoutInterruption(checkout: Checkout): Checkout {
  const contradictions = checkout.contradictions.filter(({ kind }) => kind !== 'interrupted-change');
  return { ...checkout, contradictions };
}

/** All of it is plain data. */
function signature(state: CheckoutState): string {
  return JSON.stringify(state.kind === 'broken' ? state.problem.message : state);
}

function once(work: () => unknown): Disposable {
  let isDone = false;
  return {
    dispose: () => {
      if (isDone) return;
      isDone = true;
      work();
    },
  };
}
