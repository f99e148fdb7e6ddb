import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Emitter, type Disposable } from './event';
import type { Storage } from './storage';

/** The sha256 that each stale signature had when a build made it stale, by its path below the checkout, by checkout. */
type Stored = Readonly<Record<string, Readonly<Record<string, string>>>>;

const storageKey = 'pantavisor.staleSignatures';

/**
 * Signatures that a build made stale. No file says so, and to find out would mean to hash whole file systems; so it is
 * remembered, until the signature is another one.
 */
export class StaleSignatures implements Disposable {
  readonly #storage: Storage;
  readonly #changed = new Emitter<string>();
  #stored: Stored;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#stored = (storage.get(storageKey) as Stored | undefined) ?? {};
  }

  /** Those of this checkout are others now. */
  readonly onDidChange = this.#changed.event;

  /** Paths below the checkout. */
  of(checkout: string): readonly string[] {
    return Object.keys(this.#stored[checkout] ?? {}).sort();
  }

  /** @param files that a build has just made stale. */
  async add(checkout: string, files: readonly string[]): Promise<void> {
    if (files.length === 0) return;
    const hashes = await Promise.all(
      files.map(async (file) => [file, await hashOf(checkout, file)] as const),
    );
    const known = hashes.flatMap(([file, hash]) => (hash === undefined ? [] : [[file, hash] as const]));
    this.#store(checkout, { ...this.#stored[checkout], ...Object.fromEntries(known) });
  }

  /** Forgets those that were made anew or removed since. */
  async review(checkout: string): Promise<void> {
    const known = Object.entries(this.#stored[checkout] ?? {});
    if (known.length === 0) return;
    const present = await Promise.all(known.map(([file]) => hashOf(checkout, file)));
    const stale = known.filter(([, hash], index) => hash === present[index]);
    if (stale.length < known.length) this.#store(checkout, Object.fromEntries(stale));
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #store(checkout: string, files: Readonly<Record<string, string>>): void {
    this.#stored = { ...this.#stored, [checkout]: files };
    void this.#storage.update(storageKey, this.#stored);
    this.#changed.fire(checkout);
  }
}

async function hashOf(checkout: string, file: string): Promise<string | undefined> {
  try {
    return createHash('sha256')
      .update(await readFile(path.join(checkout, file)))
      .digest('hex');
  } catch {
    return undefined;
  }
}
