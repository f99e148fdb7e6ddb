import { type ByteString, shown } from '../bytes/byte-string';
import { layerProblem } from './layer-index';

/** Linux's NAME_MAX and PATH_MAX: nothing longer can be unpacked, nor named by a program in the container. */
const longestName = 255;
export const longestPath = 4096;

/** What precedes the name of a hidden entry in the name of its whiteout (OCI image-spec, layer.md, "Whiteouts"). */
export const whiteoutPrefix = '.wh.';

export interface EntryPath {
  /** No leading slash, no empty, `.` or `..` component; `''` is the root. */
  readonly path: ByteString;
  /** True if a `..` would have led out of the root. */
  readonly clamped: boolean;
}

/**
 * The path inside the root that a name in a layer means: `/etc/x`, `./etc/x` and `etc//y/../x` are all `etc/x`.
 *
 * A `..` is resolved by the text alone and stops at the root, as containerd and umoci do it (Go: `filepath.Clean("/" + name)`).
 */
export function entryPath(name: ByteString): EntryPath {
  if (name.length > longestPath) throw layerProblem(`the name ${shown(name)} has ${name.length} bytes`);
  if (name.includes('\0')) throw layerProblem(`the name ${shown(name)} has a NUL byte`);
  const names: ByteString[] = [];
  let clamped = false;
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      clamped ||= names.pop() === undefined;
      continue;
    }
    names.push(part);
  }
  for (const [at, part] of names.entries()) {
    // A whiteout is never made, so it may have a name that is too long for anything else.
    const isWhiteout = at === names.length - 1 && part.startsWith(whiteoutPrefix);
    if (part.length > longestName + (isWhiteout ? whiteoutPrefix.length : 0)) {
      throw layerProblem(`the name ${shown(name)} has a part of ${part.length} bytes`);
    }
  }
  return { path: names.join('/'), clamped };
}

/** `['usr/bin', 'env']` for `usr/bin/env`, `['', 'usr']` for `usr`. */
export function splitPath(path: ByteString): [parent: ByteString, name: ByteString] {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}
