import type { BlobCache } from '../blob-cache';
import type { Digest } from '../digest';

/** The blobs that one image keeps from being evicted. */
export class Holds {
  readonly #releases = new Map<Digest, () => void>();

  constructor(private readonly cache: BlobCache) {}

  add(digest: Digest): void {
    if (!this.#releases.has(digest)) this.#releases.set(digest, this.cache.hold(digest));
  }

  release(): void {
    this.#releases.forEach((release) => release());
    this.#releases.clear();
  }
}
