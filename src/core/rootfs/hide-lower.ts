import type { ByteString } from '../bytes/byte-string';
import type { Job } from '../job';
import { eachInTurn } from '../turns';
import { splitPath } from './entry-path';
import type { LayerEntry } from './layer-index';
import { nodeAlong, type OpenDirectory } from './open-tree';
import { followLinks } from './scoped-path';

/** Takes out of `root`, the tree of all lower layers, what the whiteouts and opaque marks among `entries` hide. */
export async function hideLower(
  root: OpenDirectory,
  entries: readonly LayerEntry[],
  job: Job,
): Promise<void> {
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
