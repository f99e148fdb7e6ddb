import type { ImageFinder } from '../image/find-image';
import type { CodecPool } from '../squashfs/codec-pool';
import type { DerivedCache } from './derived-cache';

/** What every use case works with, made once per process. */
export interface BuildEnvironment {
  readonly images: ImageFinder;
  readonly pool: CodecPool;
  readonly cache: DerivedCache;
}
