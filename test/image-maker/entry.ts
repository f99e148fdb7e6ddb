import type { ByteString } from '../../src/core/bytes/byte-string';

/** How a tar archive leaves out the holes of a file: GNU tar's old way, or one of its three ways within pax. */
export type SparseFormat = 'gnu' | 'pax-0.0' | 'pax-0.1' | 'pax-1.0';

interface Metadata {
  /** Permission bits, 0 to 0o7777; without it what {@link defaultMode} says. */
  readonly mode?: number;
  /** 0 to 2^32 - 2; without it 0. */
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970; without it 0. */
  readonly mtime?: number;
  readonly xattrs?: ReadonlyMap<ByteString, Buffer>;
}

/** What a path can be in a file system; sockets can't lie in a tar archive. */
export type Inode = Metadata &
  (
    | { readonly kind: 'file'; readonly content: Buffer | string; readonly sparse?: SparseFormat }
    | { readonly kind: 'directory' }
    | { readonly kind: 'symlink'; readonly target: ByteString }
    | { readonly kind: 'char' | 'block'; readonly major: number; readonly minor: number }
    | { readonly kind: 'fifo' }
  );

/** One more name of what `target` names, in this layer or one below. Archives repeat its metadata; they don't count. */
export type HardLink = Metadata & { readonly kind: 'hardlink'; readonly target: ByteString };

/** `whiteout` hides its path in the layers below, `opaque` all that lies in this folder there. */
export type Mark = { readonly kind: 'whiteout' } | { readonly kind: 'opaque' };

/**
 * One entry of an image's layer. Paths have no leading slash; `''` is the root. They are bytes: plain ASCII can be
 * written as it is, everything else with `byteStringFromText`.
 */
export type Entry = { readonly path: ByteString } & (Inode | HardLink | Mark);

export function defaultMode(kind: (Inode | HardLink)['kind']): number {
  return kind === 'directory' ? 0o755 : kind === 'symlink' ? 0o777 : 0o644;
}

/** The name under which a mark lies in an archive (OCI image-spec, layer.md, "Whiteouts"). */
export function markName({ kind, path }: Mark & { readonly path: ByteString }): ByteString {
  const slash = path.lastIndexOf('/') + 1;
  if (kind === 'whiteout') return `${path.slice(0, slash)}.wh.${path.slice(slash)}`;
  return path === '' ? '.wh..wh..opq' : `${path}/.wh..wh..opq`;
}
