import { splitPath } from './entry-path';
import { Findings } from './findings';
import { hideLower } from './hide-lower';
import { keptXattrs } from './image-xattrs';
import type { LayerEntry, LayerIndex } from './layer';
import { layerProblem, shown } from './layer-problem';
import type { LayerContent, OpenDirectory, OpenNode } from './open-tree';
import { nodeBehindLinks, makeFolders, newFolder } from './open-tree';
import type { Directory } from './tree';
import { isWhiteout } from './tree';

export interface MergedImage {
  readonly root: Directory<LayerContent>;
  /** What a person should know about the image; sentences' beginnings, without a final stop. */
  readonly warnings: readonly string[];
}

/**
 * The file tree that an image's layers make, lowest first, after OCI image-spec, layer.md, "Applying Changesets".
 * Folders that an entry needs and no layer mentions get mode 0755, owner 0:0 and `time` in seconds since 1970.
 *
 * Throws a `Problem` where container runtimes fail as well: an entry below something that is no folder, a hard link to
 * nothing or to a folder, symbolic links in a circle.
 */
export function mergeLayers(layers: readonly LayerIndex[], { time }: { readonly time: number }): MergedImage {
  const root = newFolder(time);
  const findings = new Findings();
  layers.forEach(({ entries }, layer) => applyLayer({ root, layer, time, findings }, entries));
  return { root, warnings: [...layers.flatMap(({ warnings }) => warnings), ...findings.messages()] };
}

interface Merging {
  /** What the layers below and the entries before have made. */
  readonly root: OpenDirectory;
  readonly layer: number;
  readonly time: number;
  readonly findings: Findings;
}

/**
 * Whiteouts come first wherever they stand: they hide lower layers only (layer.md, "Whiteouts"). What they hide can still
 * be the target of a hard link in the same layer, since an archive may name the link before the whiteout.
 */
function applyLayer(merging: Merging, entries: readonly LayerEntry[]): void {
  const { root } = merging;
  const hides = entries.some(({ kind }) => kind === 'whiteout' || kind === 'opaque');
  const linkedBefore = new Map<LayerEntry, OpenNode | undefined>();
  if (hides) {
    for (const entry of entries) {
      if (entry.kind === 'hardlink') linkedBefore.set(entry, nodeBehindLinks(root, entry.target));
    }
    hideLower(root, entries);
  }
  for (const entry of entries) {
    if (entry.kind === 'hardlink')
      addLink(merging, entry, nodeBehindLinks(root, entry.target) ?? linkedBefore.get(entry));
    else if (entry.kind !== 'whiteout' && entry.kind !== 'opaque') addNode(merging, entry);
  }
}

type Link = Extract<LayerEntry, { kind: 'hardlink' }>;
type Made = Exclude<LayerEntry, { kind: 'hardlink' | 'whiteout' | 'opaque' }>;

function addLink({ root, time }: Merging, { path, target }: Link, node: OpenNode | undefined): void {
  if (node === undefined || node.kind === 'directory') {
    const found = node === undefined ? 'does not exist' : 'is a folder';
    throw layerProblem(`the hard link ${shown(path)} leads to ${shown(target)}, which ${found}`);
  }
  const [parent, name] = splitPath(path);
  makeFolders(root, parent, time).children.set(name, node);
}

/** A folder over a folder keeps what is in it; anything else takes the place of what was there. */
function addNode({ root, layer, time, findings }: Merging, { path, ...entry }: Made): void {
  const xattrs = keptXattrs(entry.attributes.xattrs, path, findings);
  const attributes = { ...entry.attributes, xattrs };
  if (path === '') {
    root.attributes = attributes;
    return;
  }
  const [parentPath, name] = splitPath(path);
  const { children } = makeFolders(root, parentPath, time);
  const present = children.get(name);
  if (entry.kind === 'directory') {
    if (present?.kind === 'directory') present.attributes = attributes;
    else children.set(name, { kind: 'directory', attributes, children: new Map() });
  } else if (entry.kind === 'file') {
    children.set(name, { ...entry, attributes, content: { ...entry.content, layer } });
  } else if (isWhiteout(entry)) {
    // A device would see no file here either, but whatever a base has at this place must not shine through.
    children.delete(name);
    findings.note('left out a device 0:0, which overlayfs takes for a whiteout', path);
  } else {
    children.set(name, { ...entry, attributes });
  }
}
