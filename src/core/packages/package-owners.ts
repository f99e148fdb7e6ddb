import type { ByteString } from '../bytes/byte-string';
import type { Job } from '../job';
import { behindLinks } from '../rootfs/open-tree';
import type { Directory } from '../rootfs/tree';
import { eachInTurn } from '../turns';
import type { Package } from './package';

interface Folder {
  readonly path: ByteString;
  readonly children: Directory<unknown>['children'];
}

/** Which package a path of a tree belongs to. */
export class PackageOwners {
  readonly #root: Directory<unknown>;
  readonly #files = new Map<ByteString, Package>();
  /** The one package that has something below, or the folder itself; `several` where there are more. */
  readonly #folders = new Map<ByteString, Package | 'several'>();
  /** By the names that managers have for them: lists name `/bin` and `/lib` where the image has links to `/usr`. */
  readonly #known = new Map<ByteString, Folder | undefined>();

  private constructor(root: Directory<unknown>) {
    this.#root = root;
  }

  /** @param packages in the order in which they win. @throws the signal's reason. */
  static async of(root: Directory<unknown>, packages: readonly Package[], job: Job): Promise<PackageOwners> {
    const owners = new PackageOwners(root);
    for (const one of packages) await eachInTurn(one.paths, job, (path) => owners.#add(path, one));
    owners.#known.clear();
    return owners;
  }

  /** @param path as it lies in the tree, without a link on the way. */
  of(path: ByteString): Package | undefined {
    const source = pythonSource(path);
    return (
      this.#files.get(path) ??
      (source === undefined ? undefined : this.#files.get(source)) ??
      this.#folderOwner(path) ??
      (path.endsWith('/__pycache__') ? this.#folderOwner(path.slice(0, path.lastIndexOf('/'))) : undefined)
    );
  }

  #folderOwner(path: ByteString): Package | undefined {
    const owner = this.#folders.get(path);
    return owner === 'several' ? undefined : owner;
  }

  #add(listed: ByteString, owner: Package): void {
    const slash = listed.lastIndexOf('/');
    const name = listed.slice(slash + 1);
    if (name === '' || name === '.' || name === '..') return;
    const folder = this.#folderAt(listed.slice(0, Math.max(0, slash)));
    const node = folder?.children.get(name);
    if (folder === undefined || node === undefined) return;
    const path = folder.path === '' ? name : `${folder.path}/${name}`;
    if (node.kind === 'directory') {
      this.#mark(path, owner);
    } else if (!this.#files.has(path)) {
      this.#files.set(path, owner);
      this.#mark(folder.path, owner);
    }
  }

  /** A folder and all above it. Where nothing changes, nothing changes above. */
  #mark(path: ByteString, owner: Package): void {
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      const before = this.#folders.get(at);
      if (before === owner || before === 'several') return;
      this.#folders.set(at, before === undefined ? owner : 'several');
    }
  }

  #folderAt(listed: ByteString): Folder | undefined {
    if (this.#known.has(listed)) return this.#known.get(listed);
    const { place: path = '', node } = behindLinks(this.#root, listed) ?? {};
    const folder = node?.kind === 'directory' ? { path, children: node.children } : undefined;
    this.#known.set(listed, folder);
    return folder;
  }
}

/** What a compiled file was made from: `__pycache__/NAME.TAG[.opt-N].pyc` beside `NAME.py` (PEP 3147, PEP 488), or next to it. */
function pythonSource(path: ByteString): ByteString | undefined {
  if (!/\.py[co]$/.test(path)) return undefined;
  const [, folder, name] = /^(.*\/|)__pycache__\/([^/]+?)\.[^./]+(?:\.opt-[^./]+)?\.pyc$/.exec(path) ?? [];
  return folder === undefined || name === undefined ? path.slice(0, -1) : `${folder}${name}.py`;
}
