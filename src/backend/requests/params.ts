import type { ByteString } from '../../core/bytes/byte-string';
import type { MountFiles } from '../../core/mount/mounts';
import type { ImageWishes } from '../../core/use-cases/steps/image-request';

export interface InCheckout {
  /** Absolute path. */
  readonly checkoutDirectory: string;
}

export interface OfApp extends InCheckout {
  readonly app: string;
}

export interface InMount {
  readonly files: MountFiles;
}

export interface AtPath extends InMount {
  /** No slash at its beginning; `''` is the root. */
  readonly path: ByteString;
}

export interface TwoMounts {
  readonly before: MountFiles;
  readonly after: MountFiles;
}

export interface FirstOnes {
  /** How many of the first ones are wanted: they are there soon, however many there are. Undefined: all. */
  readonly limit?: number | undefined;
}

export interface WantedImage extends ImageWishes {
  readonly reference: string;
}

/** Bytes in one answer: few enough to be held several times over, enough that a file takes few requests. */
export const largestRead = 1 << 20;
