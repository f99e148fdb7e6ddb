import type { Job } from '../job';
import type { BlobCache, CachedBlob } from './blob-cache';
import { Holds } from './blob-cache/holds';
import { cachedLayer, findLayer } from './blob-cache/known-layers';
import type { Digest } from './digest';
import type { DockerClient } from './docker/docker-client';
import { type InspectedImage, inspectImage } from './docker/inspect-image';
import { saveImage } from './docker/save-image';
import { settingsOf } from './image-config';
import type { LayerStore, StoredImage, StoredLayer } from './layer';
import type { ImageWish } from './parsed-request';
import { familiarReference } from './reference';
import type { SharedWork } from './shared-work';

/** Transfers that run, by what is transferred. */
export type Transfers = SharedWork<ReadonlyMap<Digest, CachedBlob>>;

/** Finds an image in docker. Its layers are transferred all at once, the first time that one is wanted which the cache lacks. */
export async function openLocalImage(
  wish: ImageWish,
  docker: DockerClient,
  cache: BlobCache,
  transfers: Transfers,
  job: Job,
): Promise<StoredImage> {
  const { reference } = wish;
  const image = await inspectImage(docker, wish, job.signal);
  const holds = new Holds(cache);
  const transfer = (reader: Job) =>
    transfers.join(`${docker.host} ${image.id} ${image.wish?.text ?? ''}`, reader, (shared) =>
      saveImage(docker, image, familiarReference(reference), cache, shared),
    );
  return {
    name: reference.name,
    tag: reference.tag,
    digest: image.digest,
    source: 'local',
    platform: image.platform,
    matchedPlatform: image.wish?.text,
    config: settingsOf(image),
    layers: localLayers(image, cache, holds, transfer),
    [Symbol.asyncDispose]() {
      holds.release();
      return Promise.resolve();
    },
  };
}

/** {@link StoredImage.digest} of what {@link openLocalImage} would find. */
export async function localDigest(wish: ImageWish, docker: DockerClient, job: Job): Promise<string> {
  const { digest } = await inspectImage(docker, wish, job.signal);
  return digest;
}

function localLayers(
  { diffIds, size }: InspectedImage,
  cache: BlobCache,
  holds: Holds,
  transfer: (job: Job) => Promise<ReadonlyMap<Digest, CachedBlob>>,
): LayerStore[] {
  /** Compressed layers that came from docker and have not been read yet, so that the cache does not know what they are. */
  const unread = new Map<Digest, CachedBlob>();
  const share = Math.ceil(size / diffIds.length);

  async function bring(diffId: Digest, job: Job): Promise<StoredLayer> {
    const blob = (await find(diffId, job.signal)) ?? (await bringAll(job)).get(diffId);
    if (blob === undefined) throw new Error(`docker's answer was paired without ${diffId}`);
    holds.add(blob.digest);
    return cachedLayer(cache, diffId, blob);
  }

  async function find(diffId: Digest, signal: AbortSignal): Promise<CachedBlob | undefined> {
    const known = await findLayer(cache, diffId, signal);
    const come = unread.get(diffId);
    return known ?? (come && (await cache.find(come, signal)));
  }

  async function bringAll(job: Job): Promise<ReadonlyMap<Digest, CachedBlob>> {
    const blobs = await transfer({
      signal: job.signal,
      progress: (phase, done, total) =>
        job.progress(phase, total ? Math.floor((done / total) * share) : 0, share),
      warn: (message) => job.warn(message),
    });
    blobs.forEach((blob, diffId) => {
      holds.add(blob.digest);
      unread.set(diffId, blob);
    });
    return blobs;
  }

  return diffIds.map((diffId) => ({ diffId, size: share, bring: (job) => bring(diffId, job) }));
}
