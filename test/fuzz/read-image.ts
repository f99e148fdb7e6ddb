import { fetchLayers } from '../../src/core/image/fetch-layers';
import type { Image } from '../../src/core/image/image';
import type { Job } from '../../src/core/job';

/** Reads all of an image, as a build does, and closes it. */
export async function readWholeImage(image: Image, job: Job): Promise<void> {
  try {
    await fetchLayers(image.layers, job);
    for (const layer of image.layers) {
      for await (const chunk of layer.open(job)) if (chunk.length === 0) throw new Error('an empty chunk');
    }
  } finally {
    await image[Symbol.asyncDispose]();
  }
}
