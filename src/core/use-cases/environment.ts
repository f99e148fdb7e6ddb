import path from 'node:path';
import { BlobCache } from '../image/blob-cache';
import { defaultCacheLimit } from '../image/blob-cache/settings';
import type { CredentialSource } from '../image/credentials';
import { createImageFinder, type ImageFinder } from '../image/find-image';
import type { Job } from '../job';
import type { ProcessEnvironment } from '../net/process-environment';
import { createTransport, type Transport } from '../net/transport';
import type { Remotes } from '../remote/remotes';
import { CodecPool } from '../squashfs/codec-pool';
import { cacheFolder } from './steps/cache-folder';
import { DerivedCache } from './steps/derived-cache';
import { downloadRemedies } from './steps/download';

/** What every use case works with, made once per process. */
export interface BuildEnvironment {
  readonly images: ImageFinder;
  readonly pool: CodecPool;
  readonly cache: DerivedCache;
  /** For files of the web that are no images. */
  readonly downloads: Transport;
  /** Gives the devices that can be reached, once somebody names one; undefined: only what lies on this machine is meant. */
  readonly remotes?: (() => Remotes | Promise<Remotes>) | undefined;
}

/** What the steps of one use case work with. */
export interface Workshop extends BuildEnvironment {
  readonly job: Job;
}

export interface EnvironmentOptions {
  readonly outside: ProcessEnvironment;
  /** The folder that holds `codec-worker.js`, `liblzma.wasm` and `libbz2.wasm`. */
  readonly codecs: string;
  /** How many threads compress; one per core when not given. */
  readonly workers?: number | undefined;
  /** Bytes that downloads may take, and what was worked out as much again; as the outside says when not given. */
  readonly cacheLimit?: number | undefined;
  readonly insecureRegistries?: readonly string[] | undefined;
  /** In their order; without them what `docker login` and pvr's environment variables say. */
  readonly credentials?: readonly CredentialSource[] | undefined;
}

/** @throws Problem when an environment variable that counts makes no sense, or the cache would lie in a checkout. */
export function openEnvironment({
  outside,
  codecs,
  workers,
  cacheLimit,
  insecureRegistries = [],
  credentials,
}: EnvironmentOptions): BuildEnvironment {
  const directory = cacheFolder(outside);
  const limit = cacheLimit ?? defaultCacheLimit(outside);
  return {
    images: createImageFinder({
      environment: outside,
      cache: new BlobCache(directory, limit),
      codecs,
      insecureRegistries,
      ...(credentials && { credentials }),
    }),
    pool: new CodecPool({ directory: codecs, ...(workers !== undefined && { workers }) }),
    cache: new DerivedCache(path.join(directory, 'derived'), limit),
    downloads: createTransport({ environment: outside, remedies: downloadRemedies }),
  };
}

export async function closeEnvironment({ images, pool, downloads }: BuildEnvironment): Promise<void> {
  await images.close();
  await downloads.close();
  await pool.close();
}
