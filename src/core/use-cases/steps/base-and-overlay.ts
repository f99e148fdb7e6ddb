import path from 'node:path';
import { overlayVolume } from '../../checkout/manifests/volume-name';
import { OpenedCheckout } from '../../checkout/opened-checkout';
import { pathExists } from '../../files/file-problem';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import type { Directory } from '../../rootfs/tree';
import { type BlockContent, SquashfsReader } from '../../squashfs/reader';
import { readStacking, requireBaseOf } from './app-manifest';

export interface OpenedTree extends AsyncDisposable {
  readonly reader: SquashfsReader;
  readonly root: Directory<BlockContent>;
}

/** An app's overlay and the base that it lies on, its own or that of the app it extends. */
export interface Layers extends AsyncDisposable {
  readonly base: OpenedTree;
  readonly overlay: OpenedTree;
}

/** `lazy`: for who looks at little of a tree. What is wrong with a folder of it is thrown when somebody looks into it. */
export type Extent = 'whole' | 'lazy';

/**
 * @param codecs the folder that holds `liblzma.wasm`.
 * @throws Problem when one of them is missing or damaged.
 */
export async function openLayers(
  checkoutDirectory: string,
  app: string,
  codecs: string,
  job: Job,
  extent: Extent = 'whole',
): Promise<Layers> {
  const checkout = new OpenedCheckout(checkoutDirectory);
  const file = path.join(checkoutDirectory, app, overlayVolume);
  const stacking = await readStacking(checkout, app);
  if (!(await pathExists(file))) {
    throw new Problem({
      doing: `listing the overlay of ${app}`,
      found: `${app} has no overlay`,
      remedy: stacking.hasOverlay
        ? remedy`Build it with ${way.install(app)}`
        : remedy`List its base ${way.listBase(app)}, or make one with ${way.patch(app)}`,
    });
  }
  const base = await openTree(await requireBaseOf(checkout, app, stacking), codecs, job, extent);
  try {
    const overlay = await openTree(file, codecs, job, extent);
    const close = async () => {
      await overlay.reader.close();
      await base.reader.close();
    };
    return { base, overlay, [Symbol.asyncDispose]: close };
  } catch (error) {
    await base.reader.close();
    throw error;
  }
}

/** The base of an app, its own or that of the app it extends, as {@link openLayers} opens it. */
export async function openBaseTree(
  checkoutDirectory: string,
  app: string,
  codecs: string,
  job: Job,
  extent: Extent,
): Promise<OpenedTree> {
  const checkout = new OpenedCheckout(checkoutDirectory);
  const file = await requireBaseOf(checkout, app, await readStacking(checkout, app));
  return openTree(file, codecs, job, extent);
}

/** @param codecs as {@link openLayers} takes it. @throws Problem when the file is missing or damaged. */
export async function openTree(
  file: string,
  codecs: string,
  job: Job,
  extent: Extent = 'whole',
): Promise<OpenedTree> {
  const reader = await SquashfsReader.open(file, codecs);
  const close = () => reader.close();
  try {
    const root = extent === 'lazy' ? await reader.lazyTree() : await reader.readTree(job);
    return { reader, root, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
