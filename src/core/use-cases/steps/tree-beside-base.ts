import type { ByteString } from '../../bytes/byte-string';
import type { OpenedCheckout } from '../../checkout/opened-checkout';
import { type Hashed, regularFiles } from '../../rootfs/tree';
import type { Workshop } from '../environment';
import type { AppTree, TreeSource } from './app-tree';
import { type Base, hashFiles, openBase, openPresentBase } from './base-contents';

/** What a tree is made from, and what of that is left out. */
export interface Wanted {
  readonly source: TreeSource;
  readonly leftOut: readonly ByteString[];
}

/** A tree, and the base that it is going to be compared with; whoever has both disposes of the base. */
interface Beside<B extends Base | undefined> {
  readonly tree: AppTree<Hashed>;
  readonly base: B;
}

/**
 * Reads a tree and, at the same time, the base that it is going to be compared with. Nearly all files of such a tree are its
 * base's; so where nothing is known yet of the base's files they are hashed as well, by the processors that reading leaves idle.
 */
export async function readBesideBase(
  wanted: Wanted,
  baseFile: string,
  workshop: Workshop,
): Promise<Beside<Base>> {
  return readBeside(wanted, workshop, async (beside) => {
    const base = await openBase(baseFile, beside);
    try {
      if (base.hashes.size === 0) await hashFiles(base, regularFiles(base.root), beside);
      return base;
    } catch (error) {
      await base.reader.close();
      throw error;
    }
  });
}

/** The same with the base that an app has now, if it has one that can be read; it is not hashed. */
export async function readBesidePresentBase(
  wanted: Wanted,
  checkout: OpenedCheckout,
  app: string,
  workshop: Workshop,
): Promise<Beside<Base | undefined>> {
  return readBeside(wanted, workshop, (beside) => openPresentBase(checkout, app, beside));
}

async function readBeside<B extends Base | undefined>(
  { source, leftOut }: Wanted,
  workshop: Workshop,
  open: (beside: Workshop) => Promise<B>,
): Promise<Beside<B>> {
  const { job } = workshop;
  const failed = new AbortController();
  const signal = AbortSignal.any([job.signal, failed.signal]);
  const warn = (message: string) => job.warn(message);
  // One progress at a time: of the base only what is left to do when the tree has been read.
  let isRead = false;
  const reading = source
    .read(leftOut, {
      ...workshop,
      job: { signal, warn, progress: job.progress.bind(job) },
    })
    .finally(() => {
      isRead = true;
    });
  const opening = open({
    ...workshop,
    job: { signal, warn, progress: (...news) => isRead && job.progress(...news) },
  });
  try {
    const [tree, base] = await Promise.all([reading, opening]);
    return { tree, base };
  } catch (error) {
    failed.abort(error);
    const [, opened] = await Promise.allSettled([reading, opening]);
    if (opened.status === 'fulfilled') await opened.value?.reader.close();
    throw error;
  }
}
