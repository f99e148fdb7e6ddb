/** What is loaded once for each key. What failed is forgotten: whoever asks next tries again. */
export class LoadedOnce<T> {
  readonly #loaded = new Map<string, Promise<T>>();

  get(key: string, load: () => Promise<T>): Promise<T> {
    let result = this.#loaded.get(key);
    if (result === undefined) {
      result = load();
      this.#loaded.set(key, result);
      result.catch(() => this.#loaded.delete(key));
    }
    return result;
  }
}
