import type { Image } from '../../image/image';
import type { Job } from '../../job';
import type { LayerContent } from '../../rootfs/open-tree';
import { regularFiles } from '../../rootfs/tree';
import type { BuildEnvironment } from '../environment';
import { hashFiles, type Base } from './base-contents';
import { readImageTree, type ImageTree } from './image-tree';
import { withBase, withPresentBase } from './opened';

type UseBoth<B extends Base | undefined, T> = (image: ImageTree<LayerContent>, base: B) => Promise<T>;

/**
 * Reads an image and, at the same time, the base that it is going to be compared with; lets `use` work with both. Nearly all
 * files of such an image are its base's; so where nothing is known yet of the base's files they are hashed as well, by the
 * processors that reading leaves idle.
 */
export async function withImageBesideBase<T>(
  image: Image,
  baseFile: string,
  environment: BuildEnvironment,
  job: Job,
  use: UseBoth<Base, T>,
): Promise<T> {
  const { pool, cache } = environment;
  const withHashedBase: Opening<Base, T> = (beside, useBase) =>
    withBase(baseFile, environment, beside, async (base) => {
      if (base.hashes.size === 0) await hashFiles(base, regularFiles(base.root), pool, cache, beside);
      return useBase(base);
    });
  return withImageBeside(image, environment, job, withHashedBase, use);
}

/** The same with the base that an app has now, if it has one that can be read; it is not hashed. */
export async function withImageBesidePresentBase<T>(
  image: Image,
  checkoutDirectory: string,
  app: string,
  environment: BuildEnvironment,
  job: Job,
  use: UseBoth<Base | undefined, T>,
): Promise<T> {
  const withPresent: Opening<Base | undefined, T> = (beside, useBase) =>
    withPresentBase(checkoutDirectory, app, environment, beside, useBase);
  return withImageBeside(image, environment, job, withPresent, use);
}

/** Opens a base, lets it be used, and closes it. */
type Opening<B, T> = (beside: Job, useBase: (base: B) => Promise<T>) => Promise<T>;

async function withImageBeside<B extends Base | undefined, T>(
  image: Image,
  { cache }: BuildEnvironment,
  job: Job,
  withOpen: Opening<B, T>,
  use: UseBoth<B, T>,
): Promise<T> {
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
    return await withOpen(beside, async (base) => use(await reading, base));
  } catch (error) {
    failed.abort(error);
    await settled;
    throw error;
  }
}
