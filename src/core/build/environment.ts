import type { ImageEnvironment } from '../image/environment';
import type { CodecPool } from '../squashfs/codec-pool';
import type { DerivedCache } from './derived-cache';

/** What every use case works with, made once per process. */
export interface BuildEnvironment {
  readonly images: ImageEnvironment;
  readonly pool: CodecPool;
  readonly cache: DerivedCache;
}
