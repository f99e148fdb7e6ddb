import { fetchLayers } from '../../src/core/image/fetch-layers';
import type { ImageFinder } from '../../src/core/image/find-image';
import type { Source } from '../../src/core/image/image';
import type { Job } from '../../src/core/job';

/** Finds an image and reads all of it, as a build does. */
export async function readWholeImage(
  finder: ImageFinder,
  reference: string,
  source: Source,
  job: Job,
): Promise<void> {
  const request = { reference, sources: [source], platforms: ['linux/arm64'] };
  const image = await finder.find(request, job);
  try {
    await fetchLayers(image.layers, job);
    for (const layer of image.layers) {
      for await (const chunk of layer.open(job)) if (chunk.length === 0) throw new Error('an empty chunk');
    }
  } finally {
    await image.close();
  }
}
