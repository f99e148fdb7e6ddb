import type { Image } from '../image/image';
import type { Job } from '../job';
import type { LayerContent } from '../rootfs/open-tree';
import { regularFiles } from '../rootfs/tree';
import { hashFiles, type Base } from './base-contents';
import type { BuildEnvironment } from './environment';
import { readImageTree, type ImageTree } from './image-tree';
import { withBase } from './opened';

/**
 * Reads an image and, at the same time, the base that it is going to be compared with; lets `use` work with both. Nearly all files
 * of such an image are its base's; so where nothing is known yet of the base's files they are hashed as well, by the
 * processors that reading leaves idle.
 */
export async function withImageBesideBase<T>(
  image: Image,
  baseFile: string,
  environment: BuildEnvironment,
  job: Job,
  use: (image: ImageTree<LayerContent>, base: Base) => Promise<T>,
): Promise<T> {
  const { pool, cache } = environment;
  const failed = new AbortController();
  const signal = AbortSignal.any([job.signal, failed.signal]);
  const warn = (message: string) => job.warn(message);
  const reading = readImageTree(image, cache, { signal, warn, progress: job.progress.bind(job) });
  // One progress at a time: of the base only what is left to do when the image has been read.
  let isRead = false;
  const settled = reading.then(
    () => {
      isRead = true;
    },
    (error: unknown) => failed.abort(error),
  );
  const beside: Job = { signal, warn, progress: (...news) => isRead && job.progress(...news) };
  try {
    return await withBase(baseFile, environment, beside, async (base) => {
      if (base.hashes.size === 0) await hashFiles(base, regularFiles(base.root), pool, cache, beside);
      return use(await reading, base);
    });
  } catch (error) {
    failed.abort(error);
    await settled;
    throw error;
  }
}
