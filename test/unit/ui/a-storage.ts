import type { Storage } from '../../../src/ui/model/storage';

/** VS Code's Memento in memory: what is kept has been JSON in between. */
export class AStorage implements Storage {
  readonly #values = new Map<string, string>();
  /** How often something was written. */
  writes = 0;

  get(key: string): unknown {
    const text = this.#values.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  update(key: string, value: unknown): Promise<void> {
    this.writes++;
    this.#values.set(key, JSON.stringify(value));
    return Promise.resolve();
  }
}
