import type { ByteString } from '../../bytes/byte-string';
import { createConcurrencyLimit } from '../../files/concurrently';
import { fetchLayers } from '../../image/fetch-layers';
import type { Image, Layer } from '../../image/image';
import type { Job } from '../../job';
import type { CompiledPython } from '../../rootfs/compiled-python';
import { inLayerOrder, streamContents } from '../../rootfs/contents';
import { indexLayer } from '../../rootfs/index-layer';
import { ImageBudget } from '../../rootfs/layer-budget';
import type { LayerIndex } from '../../rootfs/layer-index';
import { decodeLayerIndex, encodeLayerIndex } from '../../rootfs/layer-index-codec';
import { leaveOut } from '../../rootfs/leave-out';
import { mergeLayers } from '../../rootfs/merge';
import type { LayerContent } from '../../rootfs/open-tree';
import { withPvrStructure } from '../../rootfs/pvr-structure';
import type { RegularFile } from '../../rootfs/tree';
import type { Workshop } from '../environment';
import type { AppTree, TreeSource } from './app-tree';
import type { DerivedCache } from './derived-cache';

/** An image as what an app's tree is made from. */
export function imageSource(image: Image): TreeSource {
  return { read: (leftOut, workshop) => readImageTree(image, leftOut, workshop) };
}

/**
 * What pvr makes of an image: its layers merged, with the folders that every container gets, and without what its app leaves out.
 *
 * @param leftOut paths of the image, as `pathsToLeaveOut` gives them.
 */
export async function readImageTree(
  image: Image,
  leftOut: readonly ByteString[],
  { cache, job }: Pick<Workshop, 'cache' | 'job'>,
): Promise<AppTree<LayerContent>> {
  const time = Math.min(Math.max(image.config.created, 0), 0xffff_ffff);
  const { root, warnings } = await mergeLayers(await indexLayers(image.layers, cache, job), { time }, job);
  const reduced = leaveOut(withPvrStructure(root, time), leftOut);
  [...warnings, ...reduced.warnings].forEach((warning) => job.warn(warning));

  const sources = image.layers.map((layer) => ({ open: () => layer.open(job) }));
  return {
    root: reduced.root,
    time,
    inReadingOrder: inLayerOrder,
    contents: (wanted) => streamContents(sources, wanted, job),
    compiled: (files) => Promise.resolve(knownCompiled(files)),
  };
}

function knownCompiled(
  files: readonly RegularFile<LayerContent>[],
): ReadonlyMap<RegularFile<LayerContent>, CompiledPython> {
  return new Map(
    files.flatMap((file) => (file.content.compiled === undefined ? [] : [[file, file.content.compiled]])),
  );
}

/** Reading is for one processor at a time; with two layers, the next bytes are unpacked meanwhile. */
const parallelReads = 2;

/** Only layers that no build has read before are brought here, several at the same time; each is read as soon as it is here. */
async function indexLayers(
  layers: readonly Layer[],
  cache: DerivedCache,
  job: Job,
): Promise<readonly LayerIndex[]> {
  // An image can name one layer many times.
  const distinct = [...new Map(layers.map((layer) => [layer.diffId, layer])).values()];
  const indexes = new Map<string, LayerIndex>();
  const budget = new ImageBudget();
  const inTurn = createConcurrencyLimit(parallelReads);
  const keep = ({ diffId }: Layer, index: LayerIndex | undefined): void => {
    if (index === undefined) return;
    budget.charge(index.entries.length);
    indexes.set(diffId, index);
  };
  await Promise.all(distinct.map((layer) => inTurn(async () => keep(layer, await knownIndex(layer, cache)))));
  const unknown = distinct.filter(({ diffId }) => !indexes.has(diffId));
  const total = unknown.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  await fetchLayers(unknown, job, (layer, own) =>
    inTurn(async () => {
      own.signal.throwIfAborted();
      keep(layer, await makeIndex(layer, cache, own));
      own.progress('index', (done += layer.size), total);
    }),
  );
  return layers.flatMap(({ diffId }) => indexes.get(diffId) ?? []);
}

/**
 * Entries are kept under what the layer's bytes are, so that they hold for every image with this layer. Change it with every
 * change of what `indexLayer` makes of the same bytes.
 */
const indexKind = 'layer-4';

async function knownIndex({ diffId }: Layer, cache: DerivedCache): Promise<LayerIndex | undefined> {
  const bytes = await cache.get(indexKind, keyOf(diffId));
  return bytes && decodeLayerIndex(diffId, bytes);
}

async function makeIndex(layer: Layer, cache: DerivedCache, job: Job): Promise<LayerIndex> {
  const index = await indexLayer(layer.open(job), job);
  await cache.put(indexKind, keyOf(layer.diffId), encodeLayerIndex(layer.diffId, index));
  return index;
}

function keyOf(diffId: string): string {
  return diffId.replace(':', '-');
}
