import type { Job } from '../job';
import type { Digest } from './digest';
import type { Platform } from './platform';

/** One layer of an image, wherever that comes from. */
export interface Layer {
  /** Of the uncompressed tar archive. */
  readonly diffId: Digest;
  /** Bytes of the layer as it is stored, compressed or not. For progress only: docker does not tell, so it is guessed. */
  readonly size: number;
  /** Brings the layer to this machine, so that {@link open} need not wait for it; many layers may come at once. */
  fetch(job: Job): Promise<void>;
  /**
   * The uncompressed tar archive, as often as it is wanted; later reads cause no transfer. Fails with a Problem, at the
   * latest at the end, unless the bytes are those of `diffId`.
   */
  open(job: Job): AsyncIterable<Uint8Array>;
}

/** What an image's config says, as far as it concerns its root file system's age and how its program is run. */
export interface Settings {
  /** Seconds since 1970; 0 when the config does not say. */
  readonly created: number;
  /** `Cmd`, `Env`, `Volumes` and the others, also those unknown here. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * An image for one platform, found and ready to be read. Files are kept open for it, and blobs from being evicted, until it is
 * disposed of.
 */
export interface Image extends AsyncDisposable {
  /** As typed, without tag and digest: pvr's `docker_name`. */
  readonly name: string;
  /** pvr's `docker_tag`; undefined when the image was asked for by digest alone. */
  readonly tag: string | undefined;
  /** What pvr writes as `docker_digest`: `nginx@sha256:…`, or a bare `sha256:…` when nothing but the image's ID is known. */
  readonly digest: string;
  readonly source: Source['kind'];
  /** undefined when neither config nor index names one. */
  readonly platform: Platform | undefined;
  /** The wish that the image fulfils, as it was written: pvr's `docker_platform`. */
  readonly matchedPlatform: string | undefined;
  readonly config: Settings;
  /** Lowest first. */
  readonly layers: readonly Layer[];
}

/** Where an image may be: in its registry, in the docker daemon, or in a file or folder. */
export type Source =
  | { readonly kind: 'remote' }
  | { readonly kind: 'local' }
  | { readonly kind: 'archive'; readonly path: string };

export interface ImageRequest {
  readonly reference: string;
  /** Tried in this order. */
  readonly sources: readonly Source[];
  /** Wishes like `linux/arm64` in order of preference; empty when anything will do. */
  readonly platforms: readonly string[];
}
