import type { Image } from '../image/image';
import type { Job } from '../job';
import type { LayerContent } from '../rootfs/open-tree';
import { regularFiles } from '../rootfs/tree';
import { hashFiles, type Base } from './base-contents';
import type { BuildEnvironment } from './environment';
import { readImageTree, type ImageTree } from './image-tree';

/**
 * Reads an image that is going to be compared with `base`. Nearly all files of such an image are its base's; so where
 * nothing is known yet of the base's files they are hashed in the meantime, by the processors that reading leaves idle.
 */
export async function readImageBesideBase(
  image: Image,
  base: Base,
  { pool, cache }: BuildEnvironment,
  job: Job,
): Promise<ImageTree<LayerContent>> {
  if (base.hashes.size > 0) return readImageTree(image, cache, job);

  const failed = new AbortController();
  const signal = AbortSignal.any([job.signal, failed.signal]);
  const warn = (message: string) => job.warn(message);
  // One progress at a time: of the hashing only what is left of it when the image has been read.
  let isRead = false;
  const progress: Job['progress'] = (...news) => isRead && job.progress(...news);
  const reading = readImageTree(image, cache, { signal, warn, progress: job.progress.bind(job) }).finally(
    () => {
      isRead = true;
    },
  );
  const hashing = hashFiles(base, regularFiles(base.root), pool, cache, { signal, warn, progress });
  try {
    const [tree] = await Promise.all([reading, hashing]);
    return tree;
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled([reading, hashing]);
    throw error;
  }
}
