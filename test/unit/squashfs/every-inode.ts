import type { Directory } from '../../../src/core/rootfs/tree';
import { device, directory, file, type MemoryContent, noise, special, symlink, text } from './memory-tree';

const xattrs = new Map([
  ['user.comment', Buffer.from('anything')],
  ['user.empty', Buffer.alloc(0)],
  ['trusted.secret', Buffer.from('y')],
  ['security.capability', Buffer.from('0100000200200000000000000000000000000000', 'hex')],
]);
/** Of a namespace that Linux allows for links and devices, too. */
const other = new Map([['trusted.binary', Buffer.from([0, 255, 10, 128])]]);

/** Every kind of inode, with xattrs and without, so that each of the 14 types is written. */
export function everyInode(): Directory<MemoryContent> {
  const linked = file('of two names', { mode: 0o4755, uid: 1000, gid: 4_294_967_294 });
  const pipe = special('fifo', { mode: 0o600 });
  return directory(
    {
      empty: file(''),
      text: file(text(10_000), { mtime: 0 }),
      noise: file(noise(9000), { mtime: 4_294_967_295, xattrs }),
      zeros: file(Buffer.alloc(10_000)),
      'few-zeros': file(Buffer.alloc(10)),
      linked,
      deep: directory(
        {
          er: directory({ linked, pipe }, { xattrs: other, mode: 0o1777, uid: 70_000 }),
          none: directory({}),
          none2: directory({}, { mode: 0 }),
        },
        { uid: 65_535, gid: 65_536 },
      ),
      soft: symlink('deep/er/linked', { uid: 5 }),
      'soft-x': symlink('\xff/'.repeat(1000), { xattrs: other }),
      char: device('char', 4, 65),
      'char-x': device('char', 0xfff, 0xfffff, { xattrs: other }),
      whiteout: device('char', 0, 0),
      block: device('block', 259, 70_000, { mode: 0o7777 }),
      'block-x': device('block', 8, 1, { xattrs: other }),
      pipe,
      'pipe-x': special('fifo', { xattrs: other }),
      socket: special('socket'),
      'socket-x': special('socket', { xattrs: other }),
      '\xff\xfe not utf-8': file('bytes'),
      [' '.repeat(255)]: file('a long name'),
    },
    { mode: 0o750, xattrs, mtime: 1 },
  );
}
