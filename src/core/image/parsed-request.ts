import { parsePlatform, type Platform } from './platform';
import { parseReference, type Reference } from './reference';
import type { ImageRequest } from './image';

/** A platform that would do, with the words in which it was asked for. */
export interface Wish extends Platform {
  readonly text: string;
}

/** An {@link ImageRequest} that has been understood. */
export interface ImageWish {
  readonly reference: Reference;
  /** In order of preference; empty when anything will do. */
  readonly platforms: readonly Wish[];
}

/** @throws Problem when the reference or a platform is none. */
export function parseRequest({ reference, platforms }: ImageRequest): ImageWish {
  return {
    reference: parseReference(reference),
    platforms: platforms.map((text) => ({ ...parsePlatform(text), text })),
  };
}
