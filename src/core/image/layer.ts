import type { Job } from '../job';
import { createVerifier, type Digest, type ExpectedContent } from './digest';
import type { Layer } from './image';
import { decompressed } from './layer-compression';

/** Where a layer's bytes come from. */
export interface LayerStore {
  readonly diffId: Digest;
  /** Bytes as stored; a guess where it is not known. */
  readonly size: number;
  /** Does what takes long, like a download, so that `read` need not. */
  fetch(job: Job): Promise<void>;
  /** The layer as it is stored, compressed or not; called after `fetch`. */
  read(): AsyncIterable<Uint8Array>;
  /** Told when the stored bytes have been found to be those of `diffId`. */
  confirm?(): Promise<void>;
}

/** A layer whose content is checked each time that it is read. */
export function createLayer(store: LayerStore): Layer {
  const { diffId } = store;
  const doing = `reading the layer ${diffId}`;

  async function* open(job: Job): AsyncGenerator<Uint8Array, void, undefined> {
    await store.fetch(job);
    yield* checked(decompressed(store.read(), doing), { digest: diffId, size: undefined }, doing, job.signal);
    await store.confirm?.();
  }

  return { diffId, size: store.size, fetch: (job) => store.fetch(job), open };
}

/** Passes bytes on and fails with a Problem, at the latest at the end, unless they are what was expected. */
export async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  expected: ExpectedContent,
  doing: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const verifier = createVerifier(expected, doing);
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    verifier.update(chunk);
    yield chunk;
  }
  verifier.finish();
}
