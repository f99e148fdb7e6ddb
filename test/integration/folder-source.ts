import { createReadStream, lstatSync } from 'node:fs';
import { type ByteString, byteStringToBytes } from '../../src/core/bytes/byte-string';
import type { Attributes, Directory, Hashed, Node, Xattrs } from '../../src/core/rootfs/tree';
import type { SquashfsSource } from '../../src/core/squashfs/writer';
import { listFolder } from '../device-view/folder-listing';
import type { Listed } from '../device-view/listing';

/** A file's bytes in a folder of this machine. */
interface FolderContent extends Hashed {
  readonly location: Buffer;
}

type Mutable<C> = Directory<C> & { readonly children: Map<ByteString, Node<C>> };

/** A folder of this machine as a tree to write. Needs to be run as root, who may read everything. */
export async function folderSource(folder: string): Promise<SquashfsSource<FolderContent>> {
  const byInode = new Map<unknown, Node<FolderContent>>();
  const directories = new Map<ByteString, Mutable<FolderContent>>();
  for (const [path, listed] of await listFolder(folder)) {
    const location = byteStringToBytes(path === '' ? folder : `${folder}/${path}`);
    const node = byInode.get(listed.inode) ?? nodeOf(listed, location);
    byInode.set(listed.inode, node);
    if (node.kind === 'directory') directories.set(path, node as Mutable<FolderContent>);
    if (path === '') continue;
    const slash = path.lastIndexOf('/');
    directories.get(path.slice(0, Math.max(0, slash)))?.children.set(path.slice(slash + 1), node);
  }
  const root = directories.get('');
  if (root === undefined) throw new Error(`${folder} is no folder`);
  return {
    root,
    inReadingOrder: (files) => files,
    async *contents(wanted) {
      for (const file of wanted) {
        yield await Promise.resolve({ file, chunks: createReadStream(file.content.location) });
      }
    },
  };
}

function nodeOf({ facts }: Listed, location: Buffer): Node<FolderContent> {
  const fact = (name: string) => facts.get(name) ?? '';
  const attributes = attributesOf(facts, location);
  const kind = fact('kind') as Node<unknown>['kind'];
  switch (kind) {
    case 'file':
      return {
        kind,
        attributes,
        size: Number(fact('size')),
        content: { sha256: fact('sha256'), location },
      };
    case 'directory':
      return { kind, attributes, children: new Map() };
    case 'symlink':
      return { kind, attributes, target: fact('target') };
    case 'char':
    case 'block': {
      const [major = 0, minor = 0] = fact('device').split(':').map(Number);
      return { kind, attributes, major, minor };
    }
    case 'fifo':
    case 'socket':
      return { kind, attributes };
  }
}

function attributesOf(facts: Listed['facts'], location: Buffer): Attributes {
  const [uid = 0, gid = 0] = facts.get('owner')?.split(':').map(Number) ?? [];
  const prefix = 'xattr ';
  const xattrs: Xattrs = new Map(
    [...facts]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), Buffer.from(value.slice(2), 'hex')]),
  );
  const mtime = Number(lstatSync(location, { bigint: true }).mtimeNs / 1_000_000_000n);
  return { mode: parseInt(facts.get('mode') ?? '', 8), uid, gid, mtime, xattrs };
}
