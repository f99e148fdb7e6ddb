import type { ByteString } from '../../src/core/bytes/byte-string';
import type { Inode } from '../image-maker/entry';
import type { ModelTree } from './model';
import type { Random } from './random';

/** CPython 3.11's. */
const magic = Buffer.from('a70d0d0a', 'hex');

/** What Python compiles of a source of a time (PEP 552); what code it would be is no concern here. */
export function compiledPython(random: Random, source: string, time: number): Buffer {
  const header = Buffer.alloc(16);
  magic.copy(header);
  if (random.chance(0.1)) header.writeUInt32LE(random.pick([1, 3]), 4);
  header.writeUInt32LE(time, 8);
  header.writeUInt32LE(source.length, 12);
  return Buffer.concat([
    header,
    Buffer.from(`the code of ${source}`),
    random.chance(0.1) ? random.bytes(4) : Buffer.alloc(0),
  ]);
}

/** The tree as it is when all its sources are installed at another time, and most compiled again. */
export function recompiled(random: Random, tree: ModelTree, time: number): ModelTree {
  const made = new Map<Inode, Inode>();
  const again = (path: ByteString, inode: Inode): Inode => {
    if (inode.kind !== 'file' || !path.endsWith('.pyc')) return inode;
    const content = Buffer.from(inode.content);
    const goesByTime = content.subarray(0, 4).equals(magic) && content.readUInt32LE(4) === 0;
    if (!goesByTime || random.chance(0.1)) return inode;
    content.writeUInt32LE(time, 8);
    return { ...inode, content };
  };
  return new Map(
    [...tree].map(([path, inode]) => {
      const other = made.get(inode) ?? again(path, inode);
      made.set(inode, other);
      return [path, other];
    }),
  );
}
