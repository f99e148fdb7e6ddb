import { type ByteString, shownPath } from '../bytes/byte-string';
import type { Job } from '../job';
import { eachInTurn } from '../turns';
import { splitPath } from './entry-path';
import { Findings } from './image-findings';
import { keptAttributes } from './image-xattrs';
import { ImageBudget } from './layer-budget';
import { type LayerEntry, type LayerIndex, layerProblem } from './layer-index';
import {
  followLinks,
  type LayerContent,
  makeFolders,
  newFolder,
  nodeAlong,
  nodeBehindLinks,
  type OpenDirectory,
  type OpenNode,
} from './open-tree';
import { withoutWhiteouts } from './stack';
import { type Attributes, type Directory, isWhiteout } from './tree';

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
 * nothing or to a folder, symbolic links in a circle; and where the image has more in it than any real one.
 */
export async function mergeLayers(
  layers: readonly LayerIndex[],
  { time }: { readonly time: number },
  job: Job,
): Promise<MergedImage> {
  const root = newFolder(time);
  const findings = new Findings();
  const budget = new ImageBudget();
  for (const [layer, { entries }] of layers.entries()) {
    budget.charge(entries.length);
    await applyLayer({ root, layer, time, findings, budget }, entries, job);
  }
  return {
    root: withoutWhiteouts(root),
    warnings: [...layers.flatMap(({ warnings }) => warnings), ...findings.messages()],
  };
}

interface Merging {
  /** What the layers below and the entries before have made; devices 0:0 stay until the end, as targets of hard links. */
  readonly root: OpenDirectory;
  readonly layer: number;
  readonly time: number;
  readonly findings: Findings;
  readonly budget: ImageBudget;
}

/**
 * Whiteouts come first wherever they stand: they hide lower layers only (layer.md, "Whiteouts"). What they hide can still
 * be the target of a hard link in the same layer, since an archive may name the link before the whiteout.
 */
async function applyLayer(merging: Merging, entries: readonly LayerEntry[], job: Job): Promise<void> {
  const { root } = merging;
  const hides = entries.some(({ kind }) => kind === 'whiteout' || kind === 'opaque');
  const linkedBefore = new Map<LayerEntry, OpenNode | undefined>();
  if (hides) {
    await eachInTurn(entries, job, (entry) => {
      if (entry.kind === 'hardlink') linkedBefore.set(entry, nodeBehindLinks(root, entry.target));
    });
    await hideLower(root, entries, job);
  }
  await eachInTurn(entries, job, (entry) => {
    if (entry.kind === 'hardlink')
      addLink(merging, entry, nodeBehindLinks(root, entry.target) ?? linkedBefore.get(entry));
    else if (entry.kind !== 'whiteout' && entry.kind !== 'opaque') addNode(merging, entry);
  });
}

type Link = Extract<LayerEntry, { kind: 'hardlink' }>;
type Made = Exclude<LayerEntry, { kind: 'hardlink' | 'whiteout' | 'opaque' }>;

function addLink(merging: Merging, { path, target }: Link, node: OpenNode | undefined): void {
  if (node === undefined || node.kind === 'directory') {
    const found = node === undefined ? 'does not exist' : 'is a folder';
    throw layerProblem(`the hard link ${shownPath(path)} leads to ${shownPath(target)}, which ${found}`);
  }
  put(merging, path, node);
}

function addNode(merging: Merging, entry: Made): void {
  const attributes = keptAttributes(entry, merging.findings);
  if (entry.path === '') merging.root.attributes = attributes;
  else put(merging, entry.path, nodeOf(entry, attributes, merging.layer));
}

/** A folder over a folder keeps what is in it; anything else takes the place of what was there. */
function put(merging: Merging, path: ByteString, node: OpenNode): void {
  const { root, findings } = merging;
  const [parent, name] = splitPath(path);
  const { children } = makeFolders(root, parent, merging);
  const present = children.get(name);
  if (present?.kind === 'directory' && node.kind === 'directory') present.attributes = node.attributes;
  else children.set(name, node);
  if (isWhiteout(node)) findings.note('left out a device 0:0, which overlayfs takes for a whiteout', path);
}

function nodeOf(entry: Made, attributes: Attributes, layer: number): OpenNode {
  switch (entry.kind) {
    case 'file': {
      const { kind, size, content } = entry;
      return { kind, attributes, size, content: { ...content, layer } };
    }
    case 'directory':
      return { kind: entry.kind, attributes, children: new Map() };
    case 'symlink':
      return { kind: entry.kind, attributes, target: entry.target };
    case 'char':
    case 'block':
      return { kind: entry.kind, attributes, major: entry.major, minor: entry.minor };
    case 'fifo':
      return { kind: entry.kind, attributes };
  }
}

/** Takes out of `root`, the tree of all lower layers, what the whiteouts and opaque marks among `entries` hide. */
async function hideLower(root: OpenDirectory, entries: readonly LayerEntry[], job: Job): Promise<void> {
  const ownFolders = new Set(entries.filter(({ kind }) => kind === 'directory').map(({ path }) => path));
  await eachInTurn(entries, job, ({ kind, path }) => {
    if (kind === 'opaque') {
      lowerFolder(root, path, ownFolders)?.children.clear();
    } else if (kind === 'whiteout') {
      const [parent, name] = splitPath(path);
      lowerFolder(root, parent, ownFolders)?.children.delete(name);
    }
  });
}

/**
 * The folder of lower layers that `path` means. Links are followed as they are for entries, but not where the layer itself
 * has a folder in the link's place: the marks in it are about that folder, which nothing lower is in. (A runtime that
 * keeps its layers in overlayfs marks every folder opaque that took the place of something else.)
 */
function lowerFolder(
  root: OpenDirectory,
  path: ByteString,
  ownFolders: ReadonlySet<ByteString>,
): OpenDirectory | undefined {
  let folder = root;
  let reached = '';
  for (const name of path.split('/')) {
    if (name === '') continue; // of the root itself
    reached += reached === '' ? name : `/${name}`;
    const node = folder.children.get(name);
    if (node?.kind === 'symlink' && !ownFolders.has(reached)) return folderBehindLinks(root, path);
    if (node?.kind !== 'directory') return undefined;
    folder = node;
  }
  return folder;
}

function folderBehindLinks(root: OpenDirectory, path: ByteString): OpenDirectory | undefined {
  const names = followLinks(root, path);
  const node = names && nodeAlong(root, names);
  return node?.kind === 'directory' ? node : undefined;
}
