import { type ByteString, byteStringToText } from '../bytes/byte-string';
import type { Job } from '../job';
import { type Attributes, type Directory, type Node, noXattrs } from '../rootfs/tree';
import { itemsPerTurn, nextTurn } from '../turns';
import type { BlockContent } from './block-content';
import { damaged } from './damaged';
import { listDirectory } from './directory-listing';
import { idEntrySize, type MetadataReference } from './format';
import { type Inode, readInode } from './inode';
import type { MetadataTables } from './metadata-tables';
import type { Superblock } from './superblock';

/** As many levels as a path of PATH_MAX (4096) bytes can have. */
const deepestLevel = 2048;
/** A guess at what one entry costs in memory: its node and its place in its directory. */
const entryOverhead = 200;

type DirectoryInode = Inode & { readonly kind: 'directory' };

/** A directory whose entries are still to be put into `children`. */
interface UnreadDirectory {
  readonly inode: DirectoryInode;
  readonly children: Map<ByteString, Node<BlockContent>>;
  readonly level: number;
}

/** Makes the tree of `file` from its tables. Names of one inode get the same node. */
export async function readTree(
  file: string,
  superblock: Superblock,
  tables: MetadataTables,
  job: Job,
): Promise<Directory<BlockContent>> {
  const unread: UnreadDirectory[] = [];
  const nodes = new Nodes(file, superblock, tables, (inode, attributes, level) => {
    const children = new Map<ByteString, Node<BlockContent>>();
    unread.push({ inode, children, level });
    return { kind: 'directory', attributes, children };
  });
  const { root } = nodes;
  let entries = 0;
  for (let directory = unread.pop(); directory !== undefined; directory = unread.pop()) {
    for (const entry of nodes.entriesOf(directory.inode, directory.level)) {
      addEntry(file, directory.children, entry);
      if (++entries % itemsPerTurn === 0) await nextTurn(job);
    }
  }
  return root;
}

/**
 * The same tree, of which each directory is read when somebody looks into it: for those who look at little of it. What is wrong
 * with a directory is thrown then.
 */
export function lazyTree(
  file: string,
  superblock: Superblock,
  tables: MetadataTables,
): Directory<BlockContent> {
  const nodes = new Nodes(file, superblock, tables, (inode, attributes, level) => {
    let children: Map<ByteString, Node<BlockContent>> | undefined;
    return {
      kind: 'directory',
      attributes,
      get children() {
        if (children !== undefined) return children;
        const read = new Map<ByteString, Node<BlockContent>>();
        for (const entry of nodes.entriesOf(inode, level)) addEntry(file, read, entry);
        return (children = read);
      },
    };
  });
  return nodes.root;
}

type Entry = readonly [ByteString, Node<BlockContent>];

function addEntry(file: string, children: Map<ByteString, Node<BlockContent>>, [name, node]: Entry): void {
  if (children.has(name)) {
    throw damaged(file, `a directory in it has two entries named ${JSON.stringify(byteStringToText(name))}`);
  }
  children.set(name, node);
}

type MakeDirectory = (
  inode: DirectoryInode,
  attributes: Attributes,
  level: number,
) => Directory<BlockContent>;

/** The nodes of a file, one for each inode that was asked for. */
class Nodes {
  readonly #nodes = new Map<MetadataReference, Node<BlockContent>>();

  constructor(
    private readonly file: string,
    private readonly superblock: Superblock,
    private readonly tables: MetadataTables,
    private readonly makeDirectory: MakeDirectory,
  ) {}

  get root(): Directory<BlockContent> {
    const root = this.#at(this.superblock.rootInode, 0);
    if (root.kind === 'directory') return root;
    throw damaged(this.file, `its root is not a directory but a ${root.kind}`);
  }

  /** What lies in a directory. @param level of the directory. */
  *entriesOf({ listing, listingSize }: DirectoryInode, level: number): Generator<Entry, void, undefined> {
    const { directories, budget } = this.tables;
    if (level > deepestLevel) {
      throw damaged(this.file, `its directories lie more than ${deepestLevel} levels deep`);
    }
    for (const { name, inode } of listDirectory(directories, listing, listingSize)) {
      budget.spend(entryOverhead + name.length);
      yield [name, this.#at(inode, level + 1)];
    }
  }

  #at(reference: MetadataReference, level: number): Node<BlockContent> {
    const { file, superblock, tables } = this;
    const known = this.#nodes.get(reference);
    if (known !== undefined) {
      if (known.kind === 'directory')
        throw damaged(file, 'a directory in it has two parents or holds itself');
      return known;
    }
    if (this.#nodes.size === superblock.inodeCount) {
      throw damaged(
        file,
        `it holds more than the ${superblock.inodeCount} inodes that its superblock counts`,
      );
    }
    const inode = readInode(tables.inodes, reference, superblock.blockSize, tables.budget);
    const attributes = attributesOf(file, inode, tables);
    const node =
      inode.kind === 'directory'
        ? this.makeDirectory(inode, attributes, level)
        : leafOf(file, inode, attributes, superblock);
    this.#nodes.set(reference, node);
    return node;
  }
}

function attributesOf(file: string, inode: Inode, { ids, xattrs }: MetadataTables): Attributes {
  const idAt = (index: number) => {
    if ((index + 1) * idEntrySize > ids.length) {
      throw damaged(
        file,
        `its id table has ${ids.length / idEntrySize} entries, and an inode asks for entry ${index}`,
      );
    }
    return ids.readUInt32LE(index * idEntrySize);
  };
  if (inode.xattrs !== undefined && xattrs === undefined) {
    throw damaged(file, 'an inode in it has xattrs, and it has no xattr table');
  }
  return {
    mode: inode.mode,
    uid: idAt(inode.uid),
    gid: idAt(inode.gid),
    mtime: inode.mtime,
    xattrs: xattrs?.get(inode.xattrs) ?? noXattrs,
  };
}

function leafOf(
  file: string,
  inode: Exclude<Inode, { readonly kind: 'directory' }>,
  attributes: Attributes,
  { fragmentCount }: Superblock,
): Node<BlockContent> {
  switch (inode.kind) {
    case 'file': {
      const { size, content } = inode;
      if (content.fragment !== undefined && content.fragment.index >= fragmentCount) {
        throw damaged(
          file,
          `it has ${fragmentCount} fragments, and a file asks for fragment ${content.fragment.index}`,
        );
      }
      return { kind: 'file', attributes, size, content };
    }
    case 'symlink':
      return { kind: 'symlink', attributes, target: inode.target };
    case 'char':
    case 'block':
      return { kind: inode.kind, attributes, major: inode.major, minor: inode.minor };
    case 'fifo':
    case 'socket':
      return { kind: inode.kind, attributes };
  }
}
