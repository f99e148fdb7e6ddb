import type { ByteString } from '../bytes/byte-string';
import { Problem } from '../problem';
import type { StoredContent } from './stored-content';
import type { Attributes, Device, Symlink } from './tree';

/** One thing that a layer says, about the path it says it of. */
export type LayerEntry = { readonly path: ByteString } & (
  | LayerFile
  | { readonly kind: 'directory'; readonly attributes: Attributes }
  | Symlink
  | Device
  | { readonly kind: 'fifo'; readonly attributes: Attributes }
  /** Another name of what `target`, a path like all others here, is at that moment. */
  | { readonly kind: 'hardlink'; readonly target: ByteString }
  /** Hides `path` in the layers below. */
  | { readonly kind: 'whiteout' }
  /** Hides what the layers below have in the folder `path`. */
  | { readonly kind: 'opaque' }
);

export interface LayerFile {
  readonly kind: 'file';
  readonly attributes: Attributes;
  readonly size: number;
  readonly content: StoredContent;
}

/** All that a layer says, without the contents of its files. */
export interface LayerIndex {
  /** In the order of the archive, later ones over earlier ones. */
  readonly entries: readonly LayerEntry[];
  /** What a person should know of this layer whenever it is used. */
  readonly warnings: readonly string[];
}

/** A layer that no container runtime could unpack either, or that tries to do harm. */
export function layerProblem(found: string): Problem {
  return new Problem({
    doing: 'reading a layer of the image',
    found,
    remedy: 'Pull the image again, and if that changes nothing build it anew',
  });
}
