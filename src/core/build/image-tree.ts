import type { Image, Layer } from '../image/image';
import type { Job } from '../job';
import { streamContents } from '../rootfs/contents';
import { decodeLayerIndex, encodeLayerIndex, indexLayer, type LayerIndex } from '../rootfs/layer';
import { mergeLayers, type LayerContent } from '../rootfs/merge';
import type { Directory, FileContent, RegularFile } from '../rootfs/tree';
import type { DerivedCache } from './derived-cache';

/** Changes whenever the same layer would be indexed differently. */
const indexKind = 'layer-1';

/** An image as the file tree that its layers make, with a way to read the files' bytes. */
export interface ImageTree {
  readonly root: Directory<LayerContent>;
  /** Seconds since 1970: when the image says it was made. The same image gives the same bytes, so nothing uses the clock. */
  readonly time: number;
  contents(wanted: readonly RegularFile<LayerContent>[]): AsyncIterable<FileContent<LayerContent>>;
}

export async function readImageTree(image: Image, cache: DerivedCache, job: Job): Promise<ImageTree> {
  const total = image.layers.reduce((sum, layer) => sum + layer.size, 0);
  const indexes: LayerIndex[] = [];
  let done = 0;
  for (const layer of image.layers) {
    indexes.push(await indexOf(layer, cache, job));
    done += layer.size;
    job.progress('index', done, total);
  }
  const time = image.config.created;
  const { root, warnings } = mergeLayers(indexes, { time });
  warnings.forEach((warning) => job.warn(warning));

  const sources = image.layers.map((layer) => ({ open: () => layer.open(job) }));
  return { root, time, contents: (wanted) => streamContents(sources, wanted, job) };
}

async function indexOf(layer: Layer, cache: DerivedCache, job: Job): Promise<LayerIndex> {
  const key = layer.diffId.replace(':', '-');
  const known = await cache.get(indexKind, key);
  const index = known && decodeLayerIndex(known);
  if (index) return index;

  const made = await indexLayer(layer.open(job), job);
  await cache.put(indexKind, key, encodeLayerIndex(made));
  return made;
}
