import type { Job } from '../job';
import { createVerifier, type Digest, type ExpectedContent } from './digest';
import type { Image, Layer } from './image';
import { decompressed } from './layer-compression';

/** Where a layer's bytes come from. */
export interface LayerStore {
  readonly diffId: Digest;
  /** Bytes as stored; a guess where it is not known. */
  readonly size: number;
  /** Does what takes long, like a download, unless it has been done. */
  bring(job: Job): Promise<StoredLayer>;
}

/** A layer that is on this machine. */
export interface StoredLayer {
  /** The layer as it is stored, compressed or not. */
  read(): AsyncIterable<Uint8Array>;
  /** Told when the stored bytes have been found to be those of the layer. */
  confirm?(): Promise<void>;
}

/** An image as its source knows it: where its layers lie, however they are compressed. */
export type StoredImage = Omit<Image, 'layers'> & { readonly layers: readonly LayerStore[] };

/** @param codecs the folder that holds `liblzma.wasm` and `libbz2.wasm`. */
export function readableImage(image: StoredImage, codecs: string): Image {
  return { ...image, layers: image.layers.map((store) => createLayer(store, codecs)) };
}

/** A layer whose content is checked each time that it is read. @param codecs as {@link readableImage} takes it. */
export function createLayer(store: LayerStore, codecs: string): Layer {
  const { diffId, size } = store;
  const doing = `reading the layer ${diffId}`;

  async function* open(job: Job): AsyncGenerator<Uint8Array, void, undefined> {
    const stored = await store.bring(job);
    yield* checked(
      decompressed(stored.read(), codecs, doing),
      { digest: diffId, size: undefined },
      doing,
      job.signal,
    );
    await stored.confirm?.();
  }

  const fetch = async (job: Job) => {
    await store.bring(job);
  };
  return { diffId, size, fetch, open };
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
