import type { ByteString } from '../../src/core/bytes/byte-string';
import type { Inode, SparseFormat } from '../image-maker/entry';
import type { Random } from './random';

export const kinds = ['file', 'directory', 'symlink', 'char', 'block', 'fifo'] as const;
export type Kind = (typeof kinds)[number];

/** `kind` is mostly a file where none is asked for. */
export function randomInode(random: Random, kind: Kind = randomKind(random)): Inode {
  const common = {
    uid: randomId(random),
    gid: randomId(random),
    mtime: 1_500_000_000 + random.below(200_000_000),
    xattrs: randomXattrs(random, kind),
  };
  switch (kind) {
    case 'file':
      return { ...common, kind, mode: random.pick(fileModes), ...randomContent(random) };
    case 'directory':
      return { ...common, kind, mode: random.pick(folderModes) };
    case 'symlink':
      // Whatever an archive says of a link's mode, Linux shows 0777.
      return { ...common, kind, mode: random.pick([0o777, 0o777, 0o644]), target: random.pick(targets) };
    case 'char':
    case 'block':
      return { ...common, kind, mode: random.pick(fileModes), ...random.pick(devices) };
    case 'fifo':
      return { ...common, kind, mode: random.pick(fileModes) };
  }
}

function randomKind(random: Random): Kind {
  return random.chance(0.5) ? 'file' : random.pick(kinds);
}

const fileModes = [0o644, 0o644, 0o755, 0o600, 0o400, 0o000, 0o4755, 0o2755, 0o6711, 0o1644, 0o7777] as const;
const folderModes = [0o755, 0o755, 0o755, 0o700, 0o750, 0o1777, 0o2775, 0o3770, 0o555, 0o000] as const;

/** The largest number that an octal field, 16 and 31 bits hold, one more, and the largest that a user can have. */
const ids = [0o7777777, 0o10000000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe] as const;

function randomId(random: Random): number {
  if (random.chance(0.6)) return 0;
  return random.chance(0.7) ? random.pick([1, 33, 999, 1000, 65534]) : random.pick(ids);
}

const targets: readonly [ByteString, ...ByteString[]] = [
  'foo',
  '../foo',
  'foo-bar/a',
  '/foo/a',
  '/etc/passwd',
  '/nowhere/at/all',
  '../../../../../../../../etc/hostname',
  '.',
  '/',
  'two\nlines',
  '\xff not UTF-8',
  'a//b/./c/',
  't'.repeat(101),
  `/${'u'.repeat(200)}/${'v'.repeat(200)}`,
  '/usr/bin',
];

/** 0:0 is a whiteout to overlayfs; the others probe how many bits each number has. */
const devices: readonly [Device, ...Device[]] = [
  { major: 1, minor: 3 },
  { major: 5, minor: 1 },
  { major: 8, minor: 255 },
  { major: 259, minor: 256 },
  { major: 4095, minor: 1048575 },
  { major: 0, minor: 1 },
  { major: 1, minor: 0 },
  { major: 0, minor: 0 },
];

interface Device {
  readonly major: number;
  readonly minor: number;
}

/** What the kernel takes for a file capability: `struct vfs_ns_cap_data` (linux/capability.h), versions 2 and 3. */
const capabilities = [
  Buffer.from('0100000200040000000000000000000000000000', 'hex'),
  Buffer.from('0000000200002000000020000000000000000000', 'hex'),
  Buffer.from('0100000300040000000000000000000000000000e8030000', 'hex'),
] as const;

/**
 * Only what each kind may have (kernel, fs/xattr.c, xattr_permission: `user` is for files and folders). No empty values:
 * Go's archive/tar, and so umoci and docker, takes an empty pax value for none at all.
 */
function randomXattrs(random: Random, kind: Kind): ReadonlyMap<ByteString, Buffer> {
  const xattrs = new Map<ByteString, Buffer>();
  if (random.chance(0.8)) return xattrs;
  if (random.chance(0.4)) xattrs.set('trusted.mark', Buffer.from(random.pick(['1', '2'])));
  if (kind === 'file' && random.chance(0.4)) xattrs.set('security.capability', random.pick(capabilities));
  if (kind === 'file' || kind === 'directory') {
    if (random.chance(0.5)) xattrs.set('user.mime_type', Buffer.from('text/plain'));
    if (random.chance(0.2)) xattrs.set('user.100 %25', Buffer.from([0, 10, 61, 255, 0]));
    if (random.chance(0.2)) xattrs.set('user.long', random.bytes(1024));
  }
  // Only a layer that was taken from overlayfs by mistake holds it; it must not hide anything on the device.
  if (kind === 'directory' && random.chance(0.2)) xattrs.set('trusted.overlay.opaque', Buffer.from('y'));
  return xattrs;
}

const block = 131072;
const edges = [4095, 4096, 4097, block - 1, block, block + 1, 2 * block, 2 * block + 4097] as const;

function randomContent(random: Random): { content: Buffer | string; sparse?: SparseFormat } {
  const kind = random.below(20);
  if (kind < 3) return { content: '' };
  // A few contents that many files share.
  if (kind < 8) return { content: `the same ${random.below(3)}\n` };
  if (kind < 14) return { content: random.bytes(4 * random.below(500)) };
  if (kind < 18) return { content: filled(random.pick(edges), random) };
  const content = withHoles(random);
  // Not GNU's old format: umoci 0.4.7 refuses its type S.
  return random.chance(0.3)
    ? { content }
    : { content, sparse: random.pick(['pax-0.0', 'pax-0.1', 'pax-1.0']) };
}

/** Compresses well, poorly or to nothing. */
function filled(length: number, random: Random): Buffer {
  switch (random.below(3)) {
    case 0:
      return Buffer.alloc(length);
    case 1:
      return Buffer.alloc(length, `line ${random.below(100)}\n`);
    default:
      return Buffer.concat([random.bytes(length & ~3), Buffer.alloc(length & 3, 'x')]);
  }
}

/** Data and holes in turn, in blocks and parts of blocks, and maybe a hole at the end. */
function withHoles(random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let count = 1 + random.below(8); count > 0; count -= 1) {
    parts.push(Buffer.alloc(random.pick([4096, 8192, block, 2 * block])));
    parts.push(Buffer.alloc(random.pick([1, 100, 4096, 5000]), 'd'));
  }
  if (random.chance(0.5)) parts.push(Buffer.alloc(random.pick([1, 4096, block])));
  return Buffer.concat(parts);
}
