import type { ByteString } from '../bytes/byte-string';
import {
  comparablePair,
  type CompiledFacts,
  differsInTimeAlone,
  modulesOf,
  type PythonModule,
} from './python-modules';
import { sameAttributes, type SameContent, sameNode } from './differences';
import { whiteout } from './stack';
import { settleTimes, type TimeOnly } from './time-only';
import { type Directory, type Node, type RegularFile, walkBoth } from './tree';

/**
 * The pairs of files at the same path that only their bytes can tell apart: all that {@link overlayOf} will ask
 * `sameContent` about.
 */
export function contentQuestions<B, I>(
  base: Directory<B>,
  image: Directory<I>,
): [baseFile: RegularFile<B>, imageFile: RegularFile<I>][] {
  const questions: [RegularFile<B>, RegularFile<I>][] = [];
  const ask: SameContent<B, I> = (baseFile, imageFile) => {
    questions.push([baseFile, imageFile]);
    return true;
  };
  for (const { before, after } of walkBoth(base, image, 'after')) {
    if (before !== undefined && after !== undefined && after.kind !== 'directory')
      sameNode(before, after, ask);
  }
  return questions;
}

/** What has to lie over a base, and what doesn't though it differs. */
export interface Overlay<I> {
  readonly root: Directory<I>;
  readonly timeOnly: TimeOnly;
}

/**
 * What has to lie over `base` for overlayfs to show `image`:
 *
 * - what `image` doesn't have is a whiteout;
 * - what differs in anything but its times, or is new, is there whole;
 * - what Python compiled of a source counts as the same if it differs in its source's time alone ({@link differsInTimeAlone}), or
 *   else is there with the source and its time;
 * - a folder is there if it differs or if something in it does, and always as `image` has it, since overlayfs shows the
 *   upper folder's mode, owner and xattrs (kernel, Documentation/filesystems/overlayfs.rst);
 * - all names of an inode are there if one of them is, so that hard links stay together;
 * - opaque folders are never needed, because what they would hide is known and can be whited out by name.
 *
 * The root is always there. `image` must not hold whiteouts of its own, so that those of `base` are like nothing in it.
 *
 * @param facts of the files of {@link compiledQuestions}; those that none are given of are the image's.
 */
export function overlayOf<B, I>(
  base: Directory<B>,
  image: Directory<I>,
  sameContent: SameContent<B, I>,
  facts: CompiledFacts<B, I> = noFacts,
): Overlay<I> {
  const { changed, modules } = changedInodes(base, image, sameContent);
  const timeOnly = settleTimes(modules, changed, (module, compiled) => {
    const pair = comparablePair(module, compiled, sameContent);
    return pair !== undefined && differsInTimeAlone(pair, facts);
  });
  return { root: overlayFolder(base, image, changed) ?? { ...image, children: new Map() }, timeOnly };
}

const noFacts: CompiledFacts<never, never> = { before: new Map(), after: new Map() };

/**
 * All inodes of `image`, folders aside, that have a name at which `base` has something else, with the number of such names; and
 * the Python modules on the way.
 */
function changedInodes<B, I>(
  base: Directory<B>,
  image: Directory<I>,
  sameContent: SameContent<B, I>,
): { readonly changed: Map<Node<I>, number>; readonly modules: readonly PythonModule<B, I>[] } {
  const changed = new Map<Node<I>, number>();
  const modules: PythonModule<B, I>[] = [];
  for (const { path, before, after } of walkBoth(base, image, 'after')) {
    if (after?.kind === 'directory') {
      modules.push(...modulesOf({ before: base, after: image }, path, before, after));
    } else if (after !== undefined && (before === undefined || !sameNode(before, after, sameContent))) {
      changed.set(after, (changed.get(after) ?? 0) + 1);
    }
  }
  return { changed, modules };
}

/**
 * Undefined if nothing in the folder has to lie over `base`, nor the folder itself. A whiteout that the base itself has is
 * hidden as anything else is: in a folder that only the base has, overlayfs would list it.
 */
function overlayFolder<B, I>(
  base: Directory<B>,
  image: Directory<I>,
  changed: ReadonlyMap<Node<I>, number>,
): Directory<I> | undefined {
  const children = new Map<ByteString, Node<I>>();
  for (const [name, node] of image.children) {
    const below = base.children.get(name);
    if (node.kind === 'directory') {
      const folder = below?.kind === 'directory' ? overlayFolder(below, node, changed) : node;
      if (folder !== undefined) children.set(name, folder);
    } else if (changed.has(node)) {
      children.set(name, node);
    }
  }
  for (const name of base.children.keys()) {
    if (!image.children.has(name)) children.set(name, whiteout);
  }
  const isSame = children.size === 0 && sameAttributes(base.attributes, image.attributes);
  return isSame ? undefined : { ...image, children };
}
