import type { ByteString } from '../bytes/byte-string';
import { sameAttributes, type SameContent, sameNode } from './differences';
import { whiteout } from './stack';
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
  changedInodes(base, image, (baseFile, imageFile) => {
    questions.push([baseFile, imageFile]);
    return true;
  });
  return questions;
}

/**
 * What has to lie over `base` for overlayfs to show `image`:
 *
 * - what `image` doesn't have is a whiteout;
 * - what differs in anything but its times, or is new, is there whole;
 * - a Python source is there with its own time if what was compiled from it is;
 * - a folder is there if it differs or if something in it does, and always as `image` has it, since overlayfs shows the
 *   upper folder's mode, owner and xattrs (kernel, Documentation/filesystems/overlayfs.rst);
 * - all names of an inode are there if one of them is, so that hard links stay together;
 * - opaque folders are never needed, because what they would hide is known and can be whited out by name.
 *
 * The root is always there. `image` must not hold whiteouts of its own, so that those of `base` are like nothing in it.
 */
export function overlayOf<B, I>(
  base: Directory<B>,
  image: Directory<I>,
  sameContent: SameContent<B, I>,
): Directory<I> {
  const changed = changedInodes(base, image, sameContent);
  return overlayFolder(base, image, changed) ?? { ...image, children: new Map() };
}

/** All inodes of `image`, folders aside, that have a name at which `base` has something else. */
function changedInodes<B, I>(
  base: Directory<B>,
  image: Directory<I>,
  sameContent: SameContent<B, I>,
): ReadonlySet<Node<I>> {
  const changed = new Set<Node<I>>();
  const withCompiled: { readonly before: Node<B> | undefined; readonly after: Directory<I> }[] = [];
  for (const { before, after } of walkBoth(base, image, 'after')) {
    if (after?.kind === 'directory') {
      if (after.children.has(compiledFolder)) withCompiled.push({ before, after });
    } else if (after !== undefined && (before === undefined || !sameNode(before, after, sameContent))) {
      changed.add(after);
    }
  }
  for (const { before, after } of withCompiled) {
    for (const { name, file } of recompiledSources(after, changed)) {
      const below = before?.kind === 'directory' ? before.children.get(name) : undefined;
      if (below?.attributes.mtime !== file.attributes.mtime) changed.add(file);
    }
  }
  return changed;
}

/** Where Python keeps what it has compiled of the sources in a folder (PEP 3147). */
const compiledFolder = '__pycache__';
/** `mod.cpython-312.opt-1.pyc` is what Python has made of `mod.py` (PEP 3147, PEP 488). */
const compiledName = /^(.+?)\.[\w-]+(?:\.opt-\w+)?\.pyc$/;

/**
 * The Python sources in a folder whose compiled files are in `changed`: those hold their sources' times (PEP 552), and with
 * another one beside them Python would compile anew at every start, since a device can't write the result.
 */
function recompiledSources<I>(
  folder: Directory<I>,
  changed: ReadonlySet<Node<I>>,
): readonly { readonly name: ByteString; readonly file: RegularFile<I> }[] {
  const cache = folder.children.get(compiledFolder);
  if (cache?.kind !== 'directory') return [];
  return [...cache.children].flatMap(([compiled, node]) => {
    const stem = changed.has(node) ? compiledName.exec(compiled)?.[1] : undefined;
    const file = stem === undefined ? undefined : folder.children.get(`${stem}.py`);
    return file?.kind === 'file' ? [{ name: `${stem}.py`, file }] : [];
  });
}

/**
 * Undefined if nothing in the folder has to lie over `base`, nor the folder itself. A whiteout that the base itself has is
 * hidden as anything else is: in a folder that only the base has, overlayfs would list it.
 */
function overlayFolder<B, I>(
  base: Directory<B>,
  image: Directory<I>,
  changed: ReadonlySet<Node<I>>,
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
