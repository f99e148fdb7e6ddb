import type { ByteString } from '../bytes/byte-string';
import { changed } from './changed-tree';
import { type Directory, noXattrs } from './tree';

/** An emulator that foreign-architecture builds leave behind (pvr, libpvr/dockerlib.go:68). */
const leftOut = 'usr/bin/qemu-arm-static';

/** Mount points that a container needs (pvr, libpvr/dockerlib.go:71), with the modes that programs count on. */
const structure: readonly (readonly [path: ByteString, mode: number])[] = [
  ['proc', 0o755],
  ['sys', 0o755],
  ['dev', 0o755],
  ['tmp', 0o1777],
  ['var', 0o755],
  ['var/tmp', 0o1777],
  ['run', 0o755],
  ['var/run', 0o755],
];

/**
 * `root` with what pvr changes in every image: without the emulator, and with the folders of its structure where there
 * is nothing. What exists is left as it is, whatever it is, and links are not followed. New folders get owner 0:0 and
 * `time` in seconds since 1970. `root` itself stays untouched.
 */
export function withPvrStructure<C>(root: Directory<C>, time: number): Directory<C> {
  const folder = (mode: number): Directory<C> => ({
    kind: 'directory',
    attributes: { mode, uid: 0, gid: 0, mtime: time, xattrs: noXattrs },
    children: new Map(),
  });
  const trimmed = changed(root, leftOut.split('/'), (node) =>
    node?.kind === 'directory' ? node : undefined,
  );
  return structure.reduce(
    (tree, [path, mode]) => changed(tree, path.split('/'), (node) => node ?? folder(mode)),
    trimmed,
  );
}
