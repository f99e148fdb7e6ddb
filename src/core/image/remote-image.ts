import type { Job } from '../job';
import { Absence } from '../net/network-failure';
import type { BlobCache } from './blob-cache';
import { fetchDocument } from './blob-cache/document';
import { Holds } from './blob-cache/holds';
import { cachedLayer, findLayer } from './blob-cache/known-layers';
import type { ExpectedContent } from './digest';
import type { StoredImage } from './layer';
import type { LayerDescriptor, ManifestRemedies } from './manifest';
import { chooseManifest, type ContentStore, readImage, requireFulfilled } from './manifest-image';
import type { ImageWish } from './parsed-request';
import { pinnedName, type Reference, withDigest } from './reference';
import type { RegistryClient } from './registry';

/** A proxy or a login page answers HTML, with 200. */
export const registryRemedies: ManifestRemedies = {
  noJson: 'Check that the host is a container registry, and that no proxy answers in its place',
  broken: 'Push the image again with a current docker, buildx, podman or skopeo',
};

/**
 * Finds an image in its registry. Only a HEAD is sent when the manifests are in the cache; nothing at all when, moreover,
 * the reference has a digest.
 */
export async function openRemoteImage(
  wish: ImageWish,
  registry: RegistryClient,
  cache: BlobCache,
  job: Job,
): Promise<StoredImage> {
  const { reference } = wish;
  const holds = new Holds(cache);
  const store = registryStore(reference, registry, cache, holds);
  try {
    const current = await currentContent(reference, registry, cache, store, job);
    const chosen = await chooseManifest(current, wish, store, job);
    return {
      name: reference.name,
      tag: reference.tag,
      digest: pinnedName(reference, chosen.digest),
      source: 'remote',
      ...(await readImage(chosen, wish, store, job)),
      [Symbol.asyncDispose]() {
        holds.release();
        return Promise.resolve();
      },
    };
  } catch (error) {
    holds.release();
    throw error;
  }
}

/** {@link StoredImage.digest} of what {@link openRemoteImage} would find. */
export async function remoteDigest(
  wish: ImageWish,
  registry: RegistryClient,
  cache: BlobCache,
  job: Job,
): Promise<string> {
  const { reference } = wish;
  const store = registryStore(reference, registry, cache, new Holds(cache));
  const current = await currentContent(reference, registry, cache, store, job);
  const chosen = await chooseManifest(current, wish, store, job);
  await requireFulfilled(chosen, wish, store, job);
  return pinnedName(reference, chosen.digest);
}

/**
 * By HEAD, which no registry counts as a pull: the manifest itself is asked for by digest, unless the cache has it. Some caches
 * before registries know their manifests by tag alone, so where there is none of this digest, what the tag gives counts.
 */
async function currentContent(
  reference: Reference,
  registry: RegistryClient,
  cache: BlobCache,
  store: ContentStore,
  job: Job,
): Promise<ExpectedContent> {
  if (reference.digest !== undefined) return { digest: reference.digest, size: undefined };
  const content = { digest: await registry.headManifest(reference, job), size: undefined };
  try {
    await store.manifest(content, job);
    return content;
  } catch (error) {
    if (!(error instanceof Absence && error.why === 'missing')) throw error;
    const { digest, bytes } = await registry.getManifest(reference, job);
    const byTag = { digest, size: bytes.length };
    await fetchDocument(cache, byTag, () => Promise.resolve(bytes), job);
    return byTag;
  }
}

function registryStore(
  reference: Reference,
  registry: RegistryClient,
  cache: BlobCache,
  holds: Holds,
): ContentStore {
  return {
    manifest(content, job) {
      const download = async (shared: Job) => {
        const { bytes } = await registry.getManifest(withDigest(reference, content.digest), shared);
        return bytes;
      };
      return fetchDocument(cache, content, download, job);
    },

    config: (descriptor, job) =>
      fetchDocument(cache, descriptor, (shared) => registry.getBlob(reference, descriptor, shared), job),

    layer(descriptor, diffId) {
      holds.add(descriptor.digest);
      return {
        diffId,
        size: descriptor.size,
        async bring(job) {
          const blob =
            (await findLayer(cache, diffId, job.signal)) ??
            (await cache.fetch(descriptor, (shared) => download(descriptor, shared), job));
          holds.add(blob.digest);
          return cachedLayer(cache, diffId, blob);
        },
      };
    },

    holds: () => Promise.resolve(true),
    remedies: registryRemedies,
  };

  async function* download(descriptor: LayerDescriptor, job: Job): AsyncGenerator<Buffer> {
    let received = 0;
    for await (const chunk of registry.openBlob(reference, descriptor, job)) {
      if (!Buffer.isBuffer(chunk)) continue;
      received += chunk.length;
      job.progress('download', received, descriptor.size);
      yield chunk;
    }
  }
}
