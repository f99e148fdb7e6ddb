import type { Checkout } from '../../../src/core/checkout/checkout';
import type { WatchListener } from '../../../src/ui/model/checkout-model';
import type { WorkspaceAccess } from '../../../src/ui/model/checkouts';

/** A disk in memory that tells what is done with it. */
export class ADisk implements WorkspaceAccess {
  readonly checkouts = new Map<string, Checkout | Error>();
  /** By directory. */
  readonly reads: string[] = [];
  searches = 0;
  readonly #watchers = new Map<string, Set<WatchListener>>();
  #gate: Promise<void> | undefined;

  /** Lets readings wait until the returned function is called. */
  holdReads(): () => void {
    let open: () => void = () => undefined;
    this.#gate = new Promise((resolve) => (open = resolve));
    return () => {
      this.#gate = undefined;
      open();
    };
  }

  /** Tells all watchers of a checkout that a file changed. */
  touch(directory: string): void {
    for (const listener of this.#watchers.get(directory) ?? []) listener.onChange();
  }

  /** Ends all watches of a checkout, as when its folder is removed. */
  endWatches(directory: string): void {
    const watchers = [...(this.#watchers.get(directory) ?? [])];
    this.#watchers.delete(directory);
    for (const listener of watchers) listener.onGone();
  }

  /** Tells all watchers of a checkout that they may miss something from now on. */
  loseEvents(directory: string): void {
    for (const listener of this.#watchers.get(directory) ?? []) listener.onIncomplete();
  }

  isWatched(directory: string): boolean {
    return (this.#watchers.get(directory)?.size ?? 0) > 0;
  }

  findCheckouts(folder: string): Promise<readonly string[]> {
    this.searches++;
    return Promise.resolve([...this.checkouts.keys()].filter((directory) => directory.startsWith(folder)));
  }

  async readCheckout(directory: string): Promise<Checkout> {
    this.reads.push(directory);
    const found = this.checkouts.get(directory);
    await this.#gate;
    if (found === undefined || found instanceof Error) throw found ?? new Error(`No checkout ${directory}`);
    return found;
  }

  watch(directory: string, listener: WatchListener): Promise<{ dispose(): void }> {
    const watchers = this.#watchers.get(directory) ?? new Set();
    this.#watchers.set(directory, watchers.add(listener));
    return Promise.resolve({ dispose: () => void watchers.delete(listener) });
  }
}
