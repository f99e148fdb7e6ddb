import type { AppId, Checkouts } from './checkouts';
import type { CheckoutModel } from './checkout-model';
import { Disposables, type Disposable } from './event';
import type { Storage } from './storage';

/** What the last builds of an app made, over the base that they name. */
interface Builds {
  readonly base: string;
  /** Oldest first. */
  readonly overlays: readonly { readonly image: string; readonly size: number }[];
}

const storageKey = 'pantavisor.overlayHistory';
const mostBuilds = 20;

/**
 * How overlays grew from build to build, whoever built. pvr keeps no earlier state of a checkout, so it is what was seen of
 * it in this workspace; of what is gone from there, nothing is kept.
 */
export class OverlayHistory implements Disposable {
  readonly #storage: Storage;
  readonly #subscriptions = new Disposables();
  #apps: ReadonlyMap<string, Builds>;

  constructor(storage: Storage, checkouts: Checkouts) {
    this.#storage = storage;
    const stored = storage.get(storageKey) as Readonly<Record<string, Builds>> | undefined;
    this.#apps = new Map(Object.entries(stored ?? {}));
    this.#subscriptions.add(checkouts.onDidChangeCheckout((model) => this.#note(model)));
    this.#subscriptions.add(
      checkouts.onDidChangeList(() =>
        this.#keep(this.#apps, ({ checkout }) => checkouts.byDirectory(checkout) !== undefined),
      ),
    );
  }

  /** Bytes of the overlays over the base that lies there now, oldest first; the last one is the present one. */
  of(id: AppId): readonly number[] {
    return (this.#apps.get(keyOf(id))?.overlays ?? []).map(({ size }) => size);
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #note({ directory, apps, state }: CheckoutModel): void {
    if (state.kind !== 'read') return;
    const noted = new Map(this.#apps);
    for (const { name, source, overlay } of apps) {
      if (source.kind !== 'docker' || overlay === undefined) continue;
      const { digest: base = '', overlayDigest: image = '' } = source.image;
      const key = keyOf({ checkout: directory, app: name });
      const before = noted.get(key);
      const known = before?.base === base ? before.overlays : [];
      const last = known.at(-1);
      if (last?.image === image && last.size === overlay.size) continue;
      // A file that is being copied has many sizes, and is of one build all the same.
      const earlier = last?.image === image ? known.slice(0, -1) : known;
      noted.set(key, { base, overlays: [...earlier, { image, size: overlay.size }].slice(-mostBuilds) });
    }
    const names = new Set(apps.map(({ name }) => name));
    this.#keep(noted, ({ checkout, app }) => checkout !== directory || names.has(app));
  }

  /** Every write goes to the disk of the machine that the window runs on: none without need. */
  #keep(noted: ReadonlyMap<string, Builds>, isThere: (id: AppId) => boolean): void {
    const kept = new Map([...noted].filter(([key]) => isThere(idOf(key))));
    const isSame =
      kept.size === this.#apps.size && [...kept].every(([key, builds]) => this.#apps.get(key) === builds);
    if (isSame) return;
    this.#apps = kept;
    void this.#storage.update(storageKey, Object.fromEntries(kept));
  }
}

function keyOf({ checkout, app }: AppId): string {
  return JSON.stringify([checkout, app]);
}

function idOf(key: string): AppId {
  const [checkout, app] = JSON.parse(key) as [string, string];
  return { checkout, app };
}
