import { type ByteString, shownPath } from '../bytes/byte-string';

/**
 * Collects what people should know about an image, one line for each kind of finding however many paths it concerns:
 * a hostile layer can hold a million of them.
 */
export class Findings {
  readonly #found = new Map<string, { readonly first: ByteString; count: number }>();

  /** `what` is a clause that a path can follow: `left out a device 0:0`. */
  note(what: string, path: ByteString): void {
    const known = this.#found.get(what);
    if (known === undefined) this.#found.set(what, { first: path, count: 1 });
    else known.count += 1;
  }

  messages(): string[] {
    return [...this.#found].map(([what, { first, count }]) => {
      const others = count === 1 ? '' : ` (and ${count - 1} more)`;
      return `${what}: ${shownPath(first)}${others}`;
    });
  }
}
