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
  watch(directory: string, listener: WatchListener): Promise<Disposable>;
}

export interface WatchListener {
  /** A file changed that {@link CheckoutAccess.readCheckout} looks at. */
  onChange(): void;
  /** The folder is gone, and the watch has ended; another one in its place has to be watched anew. */
  onGone(): void;
  /** From now on, changes may go unnoticed. */
  onIncomplete(): void;
}

interface Watching {
  readonly ending: Promise<Disposable>;
  isComplete: boolean;
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
  /** There is no other one in the window, from which messages had to tell it. */
  isOnly = true;
  readonly #access: CheckoutAccess;
  readonly #changed = new Emitter<CheckoutModel>();
  readonly #read = new Emitter<CheckoutModel>();
  readonly #changedOnDisk = debounce(() => void this.refresh(), settleMilliseconds);
  #state: CheckoutState = { kind: 'unread' };
  /** What was read last may no longer be true. */
  #isStale = true;
  #reading: Promise<CheckoutState> | undefined;
  #nextReading: Promise<CheckoutState> | undefined;
  /** Each build's apps. */
  readonly #builds = new Set<readonly string[]>();
  #holds = 0;
  #observers = 0;
  #watching: Watching | undefined;

  constructor(
    /** Absolute path. */
    readonly directory: string,
    access: CheckoutAccess,
  ) {
    this.name = path.basename(directory);
    this.#access = access;
  }

  readonly onDidChange = this.#changed.event;
  /** It was read, whether or not that told anything new. */
  readonly onDidRead = this.#read.event;

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
    const isKnown = !this.#isStale && this.#watching?.isComplete === true;
    return isKnown ? (this.#reading ?? this.#state) : this.refresh();
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
    this.#beginWatching();
    return once(() => {
      this.#observers--;
      if (this.#observers > 0) return;
      this.#stopWatching();
    });
  }

  /** Until disposed of, a build of ours works on the checkout: that is no interrupted change. @param apps that it makes anew. */
  build(apps: readonly string[] = []): Disposable {
    const own = [...apps];
    this.#builds.add(own);
    if (own.length > 0) this.#changed.fire(this);
    return once(() => {
      this.#builds.delete(own);
      if (own.length > 0) this.#changed.fire(this);
    });
  }

  /** Apps that are being built. */
  get building(): ReadonlySet<string> {
    return new Set([...this.#builds].flat());
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
    this.#read.dispose();
  }

  #noteChange(): void {
    this.#isStale = true;
    // A watch takes a while to end, and may still tell something when nobody wants to know.
    if (this.#holds === 0 && this.#observers > 0) this.#changedOnDisk();
  }

  #beginWatching(): void {
    if (this.#observers === 0 || this.#watching !== undefined) return;
    const ending = this.#access.watch(this.directory, {
      onChange: () => this.#noteChange(),
      onGone: () => {
        if (this.#watching === watching) this.#watching = undefined;
        this.#noteChange();
      },
      onIncomplete: () => (watching.isComplete = false),
    });
    const watching: Watching = { ending, isComplete: true };
    this.#watching = watching;
  }

  #stopWatching(): void {
    void this.#watching?.ending.then((watching) => watching.dispose());
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
    // Where the folder was another one before, its watch has ended.
    if (state.kind === 'read') this.#beginWatching();
    if (isAnother) this.#changed.fire(this);
    this.#read.fire(this);
    return state;
  }

  async #stateOnDisk(): Promise<CheckoutState> {
    try {
      const checkout = await this.#access.readCheckout(this.directory);
      return { kind: 'read', checkout: this.#builds.size > 0 ? withoutInterruption(checkout) : checkout };
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
