import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { BlobCache } from '../../src/core/image/blob-cache';
import { createImageFinder, type ImageFinder } from '../../src/core/image/find-image';
import type { Image } from '../../src/core/image/image';
import { silentJob } from '../../src/core/job';

/** An image finder with a cache of its own, which sees nothing of this machine's settings. */
export function newFinder(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  cacheFolder = `${folder}/cache`,
): ImageFinder {
  const environment = {
    env: { PATH: process.env['PATH'], ...env },
    homeDirectory: folder,
    platform: process.platform,
  };
  const cache = new BlobCache(cacheFolder, 2 ** 30);
  return createImageFinder({ environment, cache, codecs: path.resolve('dist') });
}

/** The uncompressed layers of an image, lowest first. */
export async function readLayers(image: Image): Promise<Buffer[]> {
  return Promise.all(image.layers.map((layer) => buffer(layer.open(silentJob()))));
}
