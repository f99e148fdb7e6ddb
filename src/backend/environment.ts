import path from 'node:path';
import { DerivedCache } from '../core/build/derived-cache';
import type { BuildEnvironment } from '../core/build/environment';
import { BlobCache } from '../core/image/blob-cache';
import { defaultCacheDirectory, defaultCacheLimit } from '../core/image/blob-cache/settings';
import { credentialSources, type CredentialSource } from '../core/image/credentials';
import { processEnvironment, type ImageEnvironment } from '../core/image/environment';
import { createImageFinder } from '../core/image/find-image';
import { CodecPool } from '../core/squashfs/codec-pool';
import type { BackendSettings } from './protocol';

/** What the environment variables say, but for what the settings say otherwise. */
export function outsideWith({ cacheDirectory, dockerHost }: BackendSettings): ImageEnvironment {
  const outside = processEnvironment();
  return {
    ...outside,
    env: {
      ...outside.env,
      ...(cacheDirectory !== undefined && { PVX_CACHE_DIR: cacheDirectory }),
      ...(dockerHost !== undefined && { DOCKER_HOST: dockerHost }),
    },
  };
}

/**
 * All that builds need, once for this process.
 * @param secretStorage what people told VS Code in so many words, and so comes before what docker knows.
 * @throws Problem when an environment variable that counts makes no sense.
 */
export function openEnvironment(
  outside: ImageEnvironment,
  { cacheLimit, insecureRegistries }: BackendSettings,
  secretStorage: CredentialSource,
): BuildEnvironment {
  const directory = defaultCacheDirectory(outside);
  const limit = cacheLimit ?? defaultCacheLimit(outside);
  return {
    images: createImageFinder({
      environment: outside,
      cache: new BlobCache(directory, limit),
      credentials: [secretStorage, ...credentialSources(outside, undefined)],
      insecureRegistries: insecureRegistries ?? [],
    }),
    // esbuild puts the codecs beside the bundle that this is a part of.
    pool: new CodecPool({ directory: __dirname }),
    cache: new DerivedCache(path.join(directory, 'derived'), limit),
  };
}

export async function closeEnvironment({ images, pool }: BuildEnvironment): Promise<void> {
  await images.close();
  await pool.close();
}
