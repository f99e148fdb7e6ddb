import type { ByteString } from '../../bytes/byte-string';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import type { Attributes, Directory, Node } from '../../rootfs/tree';
import { itemsPerTurn, nextTurn } from '../../turns';
import { idEntrySize } from '../format';
import { requireStorable, requireStorableRoot } from './storable';
import { XattrSets } from './xattr-sets';

/** All that is known of a tree's inodes before anything is written. */
export interface TreePlan<C> {
  readonly inodeCount: number;
  /** The root first, and each before those below it. */
  readonly directories: readonly [PlannedDirectory<C>, ...PlannedDirectory<C>[]];
  readonly ids: IdTable;
  readonly xattrs: XattrSets;
}

interface PlannedInode {
  /** From 1; each inode has its own. */
  readonly number: number;
  /** The names it has, and of a directory its own `.` and the `..` of each below it. */
  readonly links: number;
  /** Its place in the table of xattr sets. */
  readonly xattrs: number | undefined;
}

export type Leaf<C> = Exclude<Node<C>, { readonly kind: 'directory' }>;

/** An inode that is no directory. */
export interface PlannedLeaf<C> extends PlannedInode {
  readonly node: Leaf<C>;
}

export interface PlannedDirectory<C> extends PlannedInode {
  readonly node: Directory<C>;
  /** The number of the directory that it lies in. */
  readonly parent: number;
  /** In byte order of their names. */
  readonly entries: readonly PlannedEntry<C>[];
}

export interface PlannedEntry<C> {
  readonly name: ByteString;
  readonly inode: PlannedLeaf<C> | PlannedDirectory<C>;
}

/** While it is being planned. */
type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Numbers the inodes and counts their links. The entries of one directory get numbers in a row, because its listing stores
 * their differences in 16 bits.
 * @throws Problem when SquashFS can't hold the tree.
 */
export async function planTree<C>(root: Directory<C>, blockSize: number, job: Job): Promise<TreePlan<C>> {
  const ids = new IdTable();
  const xattrs = new XattrSets();
  const leaves = new Map<Leaf<C>, Draft<PlannedLeaf<C>>>();
  let inodeCount = 0;

  const planInode = <N extends Node<C>>(node: N, links: number) => {
    ids.add(node.attributes);
    return { number: ++inodeCount, node, links, xattrs: xattrs.add(node.attributes.xattrs) };
  };
  const planLeaf = (node: Leaf<C>) => {
    const inode = leaves.get(node) ?? planInode(node, 0);
    leaves.set(node, inode);
    inode.links++;
    return inode;
  };
  const planDirectory = (node: Directory<C>, parent: number): Draft<PlannedDirectory<C>> => ({
    ...planInode(node, 2),
    parent,
    entries: [],
  });

  requireStorableRoot(root, blockSize);
  const rootDirectory = planDirectory(root, 0);
  const below: PlannedDirectory<C>[] = [];
  const pending = [{ directory: rootDirectory, path: '' }];
  let planned = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { directory, path } = next;
    if (directory !== rootDirectory) below.push(directory);
    const entries: PlannedEntry<C>[] = [];
    for (const [name, node] of [...directory.node.children].sort(([a], [b]) => (a < b ? -1 : 1))) {
      requireStorable(path + name, name, node, blockSize);
      if (node.kind === 'directory') {
        const inode = planDirectory(node, directory.number);
        directory.links++;
        pending.push({ directory: inode, path: `${path}${name}/` });
        entries.push({ name, inode });
      } else {
        entries.push({ name, inode: planLeaf(node) });
      }
      if (++planned % itemsPerTurn === 0) await nextTurn(job);
    }
    directory.entries = entries;
  }
  // The root lies in no directory of this file system; mksquashfs gives it the first number that no inode has.
  rootDirectory.parent = inodeCount + 1;

  if (ids.size > mostIds) throw tooManyIds(ids.size);
  xattrs.warnOfLeftOut(job);
  return { inodeCount, directories: [rootDirectory, ...below], ids, xattrs };
}

function tooManyIds(count: number): Problem {
  return new Problem({
    doing: 'storing the tree as SquashFS',
    found: `its files belong to ${count} different users and groups, and SquashFS holds ${mostIds}`,
    remedy: 'Give the files in the image fewer owners',
  });
}

/** The superblock counts them in 16 bits. */
const mostIds = 65535;

/** The user and group ids of a tree; inodes refer to them by index. */
class IdTable {
  readonly #indexes = new Map<number, number>();

  get size(): number {
    return this.#indexes.size;
  }

  add({ uid, gid }: Attributes): void {
    for (const id of [uid, gid]) if (!this.#indexes.has(id)) this.#indexes.set(id, this.#indexes.size);
  }

  indexOf(id: number): number {
    const index = this.#indexes.get(id);
    if (index === undefined) throw new Error(`IdTable: ${id} was not added`);
    return index;
  }

  encode(): Buffer {
    const table = Buffer.alloc(this.size * idEntrySize);
    for (const [id, index] of this.#indexes) table.writeUInt32LE(id, index * idEntrySize);
    return table;
  }
}
