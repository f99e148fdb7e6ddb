import type { AppId } from '../model/checkouts';
import type { Storage } from '../model/storage';

const storageKey = 'pantavisor.mutedApps';

/** Apps about whose newer images nobody wants to be asked; the tree and the status bar still show them. */
export class MutedApps {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get all(): readonly AppId[] {
    return (this.#storage.get(storageKey) as readonly AppId[] | undefined) ?? [];
  }

  has(id: AppId): boolean {
    return this.all.some((muted) => isSame(muted, id));
  }

  async add(id: AppId): Promise<void> {
    if (!this.has(id)) await this.#storage.update(storageKey, [...this.all, id]);
  }

  async remove(id: AppId): Promise<void> {
    await this.#storage.update(
      storageKey,
      this.all.filter((muted) => !isSame(muted, id)),
    );
  }
}

function isSame(a: AppId, b: AppId): boolean {
  return a.checkout === b.checkout && a.app === b.app;
}
