import { type ByteString, shownPath } from '../bytes/byte-string';
import { changed } from './changed-tree';
import { type Directory, nodeAt } from './tree';

/** A tree without some paths, and what to say of those that it doesn't have. */
export interface Reduced<C> {
  readonly root: Directory<C>;
  readonly warnings: readonly string[];
}

/**
 * Leaves paths out of a tree as `mksquashfs -e` does: a folder with all that is below it. A link on the way to one is followed, as
 * `lib` is to `usr/lib`; but not one from `/`, which mksquashfs follows to the machine that it runs on. A link at the end is itself
 * what is left out. `root` itself stays untouched.
 *
 * @param paths without slashes at their ends, and without `.` and `..`.
 */
export function leaveOut<C>(root: Directory<C>, paths: readonly ByteString[]): Reduced<C> {
  // All are found in the whole tree: one may lead through another.
  const found = paths.map((path) => ({ path, ...followed(root, path) }));
  const reduced = found.reduce(
    (tree, { place }) => (place === undefined ? tree : changed(tree, place, () => undefined)),
    root,
  );
  const warnings = found.flatMap(({ path, place, hint }) =>
    place === undefined
      ? [
          `-e ${shownPath(path)} in "format_options" of src.json leaves out nothing: ${hint ?? 'the image has no such path'}`,
        ]
      : [],
  );
  return { root: reduced, warnings };
}

interface Followed {
  /** The names on the way to it, none of which is a link but maybe the last; undefined of what isn't there. */
  readonly place?: readonly ByteString[];
  /** Why it isn't there, as a clause. */
  readonly hint?: string;
}

/** Linux follows as many (kernel, include/linux/namei.h). */
const mostLinks = 40;

function followed(root: Directory<unknown>, path: ByteString): Followed {
  const place: ByteString[] = [];
  let ahead = path.split('/');
  for (let links = 0; links <= mostLinks;) {
    const [name = '', ...further] = ahead;
    if (name === '..') {
      if (place.pop() === undefined) return {};
      ahead = further;
      continue;
    }
    const here = [...place, name];
    const node = nodeAt(root, here.join('/'));
    if (node === undefined) return {};
    if (further.length === 0) return { place: here };
    if (node.kind === 'symlink') {
      const names = node.target.split('/').filter((one) => one !== '' && one !== '.');
      if (node.target.startsWith('/')) {
        const meant = shownPath([...names, ...further].join('/'));
        return {
          hint: `${shownPath(here.join('/'))} is a link to ${shownPath(node.target)}, so name ${meant}`,
        };
      }
      links += 1;
      ahead = [...names, ...further];
    } else if (node.kind === 'directory') {
      place.push(name);
      ahead = further;
    } else {
      return {};
    }
  }
  return { hint: 'it leads through links in a circle' };
}
