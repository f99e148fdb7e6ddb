import type { Checkout } from '../../core/checkout/checkout';
import { filesOfSameSize, type SameFiles } from '../../core/checkout/same-files';
import { Emitter } from '../model/event';

type Find = (
  directory: string,
  candidates: readonly SameFiles[],
  signal: AbortSignal,
) => Promise<readonly SameFiles[]>;

interface Answer {
  /** What was asked. */
  readonly question: string;
  readonly found: readonly SameFiles[];
}

/** Which files of checkouts are the same, as far as it has been found out: large files are not read twice for it. */
export class SameFilesKnown {
  readonly #find: Find;
  readonly #onFailure: (error: unknown) => void;
  readonly #answers = new Map<string, Answer>();
  readonly #changed = new Emitter();

  #asking = new AbortController();

  constructor(find: Find, onFailure: (error: unknown) => void) {
    this.#find = find;
    this.#onFailure = onFailure;
  }

  /** More is known than {@link of} said. */
  readonly onDidChange = this.#changed.event;

  /** None before they have been found. */
  of(checkout: Checkout): readonly SameFiles[] {
    const { directory, apps } = checkout;
    const candidates = filesOfSameSize(checkout);
    // A build may well replace a file by another one of the same size.
    const images = apps.map(({ base, overlay }) => [base?.digest, overlay?.digest]);
    const question = JSON.stringify([candidates, images]);
    const known = this.#answers.get(directory);
    if (known?.question === question) return known.found;
    this.#answers.set(directory, { question, found: [] });
    if (candidates.length > 0) void this.#ask(directory, candidates, question);
    return [];
  }

  /** Nobody wants to know any more what is not known yet. */
  stop(): void {
    this.#asking.abort();
    this.#asking = new AbortController();
  }

  async #ask(directory: string, candidates: readonly SameFiles[], question: string): Promise<void> {
    const { signal } = this.#asking;
    try {
      const found = await this.#find(directory, candidates, signal);
      // Another question may have taken the place of this one.
      if (this.#answers.get(directory)?.question !== question) return;
      this.#answers.set(directory, { question, found });
      if (found.length > 0) this.#changed.fire();
    } catch (error) {
      if (this.#answers.get(directory)?.question === question) this.#answers.delete(directory);
      if (!signal.aborted) this.#onFailure(error);
    }
  }
}
