import type { Image, Layer } from '../image/image';
import type { Job } from '../job';
import { streamContents } from '../rootfs/contents';
import { indexLayer } from '../rootfs/index-layer';
import type { LayerIndex } from '../rootfs/layer';
import { decodeLayerIndex, encodeLayerIndex } from '../rootfs/layer-index-codec';
import { mergeLayers } from '../rootfs/merge';
import type { LayerContent } from '../rootfs/open-tree';
import { withPvrStructure } from '../rootfs/pvr-structure';
import type { Directory, FileContent, Hashed, RegularFile } from '../rootfs/tree';
import type { DerivedCache } from './derived-cache';

/** The file tree that an app is to show on the device, with a way to read the files' bytes. */
export interface ImageTree<C extends Hashed> {
  readonly root: Directory<C>;
  /** Seconds since 1970: when the image says it was made. The same image gives the same bytes, so nothing uses the clock. */
  readonly time: number;
  contents(wanted: readonly RegularFile<C>[]): AsyncIterable<FileContent<C>>;
}

/** What pvr makes of an image: its layers merged, with the folders that every container gets. */
export async function readImageTree(
  image: Image,
  cache: DerivedCache,
  job: Job,
): Promise<ImageTree<LayerContent>> {
  const { layers } = image;
  const total = layers.reduce((sum, layer) => sum + layer.size, 0);
  const indexes: LayerIndex[] = [];
  let done = 0;
  for (const layer of layers) {
    indexes.push(await indexOf(layer, cache, job));
    done += layer.size;
    job.progress('index', done, total);
  }
  const time = Math.min(Math.max(image.config.created, 0), 0xffff_ffff);
  const { root, warnings } = mergeLayers(indexes, { time });
  warnings.forEach((warning) => job.warn(warning));

  const sources = layers.map((layer) => ({ open: () => layer.open(job) }));
  return {
    root: withPvrStructure(root, time),
    time,
    contents: (wanted) => streamContents(sources, wanted, job),
  };
}

/** Named after what the layer's bytes are, so that it holds for every image with this layer. */
const indexKind = 'layer';

async function indexOf(layer: Layer, cache: DerivedCache, job: Job): Promise<LayerIndex> {
  const key = layer.diffId.replace(':', '-');
  const known = await cache.get(indexKind, key);
  const index = known && decodeLayerIndex(known);
  if (index?.diffId === layer.diffId) return index;

  const made = await indexLayer(layer.open(job), job);
  await cache.put(indexKind, key, encodeLayerIndex(made));
  return made;
}
