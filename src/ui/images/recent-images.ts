import type { Storage } from '../model/storage';

const storageKey = 'pantavisor.recentImages';
const limit = 10;

/** References that apps were made from lately, the last one first. */
export class RecentImages {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get all(): readonly string[] {
    return (this.#storage.get(storageKey) as readonly string[] | undefined) ?? [];
  }

  async add(reference: string): Promise<void> {
    const others = this.all.filter((other) => other !== reference);
    await this.#storage.update(storageKey, [reference, ...others].slice(0, limit));
  }
}
