import { readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../files/make-folder';
import type { BlobCache, CachedBlob } from '../blob-cache';
import { algorithmOf, hexOf, isDigest, type Digest } from '../digest';
import type { StoredLayer } from '../layer';

/**
 * The blob that holds a layer, compressed or not, if the cache has one: it may have come from a registry, from docker or
 * out of an archive.
 */
export async function findLayer(
  cache: BlobCache,
  diffId: Digest,
  signal: AbortSignal,
): Promise<CachedBlob | undefined> {
  const uncompressed = await cache.find({ digest: diffId, size: undefined }, signal);
  if (uncompressed !== undefined) return uncompressed;
  const file = fileOf(cache, diffId);
  const digest = (await readFile(file, 'latin1').catch(() => '')).trim();
  if (!isDigest(digest)) return undefined;
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
  return cache.find({ digest, size: undefined }, signal);
}

/** A blob that should hold a layer; once it has been found to, the cache knows. */
export function cachedLayer(cache: BlobCache, diffId: Digest, blob: CachedBlob): StoredLayer {
  return { read: () => cache.read(blob), confirm: () => rememberLayer(cache, diffId, blob) };
}

/** Only for a blob that was read to its end and found to be this layer. A note that can't be written is no loss. */
export async function rememberLayer(cache: BlobCache, diffId: Digest, { digest }: CachedBlob): Promise<void> {
  if (digest === diffId) return;
  const file = fileOf(cache, diffId);
  await makeFolder(path.dirname(file)).catch(() => undefined);
  await writeFile(file, digest).catch(() => undefined);
}

function fileOf(cache: BlobCache, diffId: Digest): string {
  return path.join(cache.directory, 'layers', algorithmOf(diffId), hexOf(diffId));
}
