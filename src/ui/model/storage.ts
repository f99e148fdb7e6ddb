/** VS Code's Memento, as far as it is wanted. */
export interface Storage {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}
