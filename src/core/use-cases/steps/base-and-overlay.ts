import path from 'node:path';
import { overlayVolume } from '../../checkout/manifests/volume-name';
import { pathExists } from '../../files/path-exists';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import type { Directory } from '../../rootfs/tree';
import { SquashfsReader, type BlockContent } from '../../squashfs/reader';
import { readStacking } from './app-manifest';
import { requireBaseOf } from './opened';

export interface OpenedTree {
  readonly reader: SquashfsReader;
  readonly root: Directory<BlockContent>;
}

/**
 * Opens an app's overlay and the base that it lies on, its own or that of the app it extends, lets `use` work with them, and
 * closes them.
 *
 * @param codecs the folder that holds `liblzma.wasm`.
 * @throws Problem when one of them is missing or damaged.
 */
export async function withBaseAndOverlay<T>(
  checkoutDirectory: string,
  app: string,
  codecs: string,
  job: Job,
  use: (base: OpenedTree, overlay: OpenedTree) => T | Promise<T>,
  extent: Extent = 'whole',
): Promise<T> {
  const file = path.join(checkoutDirectory, app, overlayVolume);
  const stacking = await readStacking(checkoutDirectory, app);
  if (!(await pathExists(file))) {
    throw new Problem({
      doing: `listing the overlay of ${app}`,
      found: `${app} has no overlay`,
      remedy: stacking.hasOverlay
        ? `Build it with pvx app install ${app}`
        : `List its base with pvx app files ${app} --base, or make one with pvx app update ${app} --patch`,
    });
  }
  const baseFile = await requireBaseOf(checkoutDirectory, app, stacking);
  const useOverlay = (base: OpenedTree) =>
    withTree(file, codecs, job, (overlay) => use(base, overlay), extent);
  return withTree(baseFile, codecs, job, useOverlay, extent);
}

/** `lazy`: for who looks at little of a tree. What is wrong with a folder of it is thrown when somebody looks into it. */
export type Extent = 'whole' | 'lazy';

/** @param codecs the folder that holds `liblzma.wasm`. */
export async function withTree<T>(
  file: string,
  codecs: string,
  job: Job,
  use: (tree: OpenedTree) => T | Promise<T>,
  extent: Extent = 'whole',
): Promise<T> {
  const reader = await SquashfsReader.open(file, codecs);
  try {
    const root = extent === 'lazy' ? await reader.lazyTree() : await reader.readTree(job);
    return await use({ reader, root });
  } finally {
    await reader.close();
  }
}
