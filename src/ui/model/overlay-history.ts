import type { AppId, Checkouts } from './checkouts';
import type { CheckoutModel } from './checkout-model';
import type { Disposable } from './event';
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
 * it in this workspace.
 */
export class OverlayHistory implements Disposable {
  readonly #storage: Storage;
  readonly #subscription: Disposable;
  #apps: Readonly<Record<string, Builds>>;

  constructor(storage: Storage, checkouts: Checkouts) {
    this.#storage = storage;
    this.#apps = (storage.get(storageKey) as Readonly<Record<string, Builds>> | undefined) ?? {};
    this.#subscription = checkouts.onDidChangeCheckout((model) => this.#note(model));
  }

  /** Bytes of the overlays over the base that lies there now, oldest first; the last one is the present one. */
  of(id: AppId): readonly number[] {
    return (this.#apps[keyOf(id)]?.overlays ?? []).map(({ size }) => size);
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #note({ directory, apps, state }: CheckoutModel): void {
    if (state.kind !== 'read') return;
    const noted = { ...this.#apps };
    for (const { name, source, overlay } of apps) {
      if (source.kind !== 'docker' || overlay === undefined) continue;
      const { digest: base = '', overlayDigest: image = '' } = source.image;
      const key = keyOf({ checkout: directory, app: name });
      const known = noted[key]?.base === base ? noted[key].overlays : [];
      const last = known.at(-1);
      if (last?.image === image && last.size === overlay.size) continue;
      // A file that is being copied has many sizes, and is of one build all the same.
      const before = last?.image === image ? known.slice(0, -1) : known;
      noted[key] = { base, overlays: [...before, { image, size: overlay.size }].slice(-mostBuilds) };
    }
    this.#apps = noted;
    void this.#storage.update(storageKey, noted);
  }
}

function keyOf({ checkout, app }: AppId): string {
  return JSON.stringify([checkout, app]);
}
