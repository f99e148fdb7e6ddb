import { type ByteString, shown } from '../../bytes/byte-string';
import { Problem } from '../../problem';
import type { Attributes, Node } from '../../rootfs/tree';
import { maxNameLength, xattrPrefixes } from '../format';

/** PATH_MAX less its NUL; the kernel reads no link with a longer target (fs/squashfs/inode.c). */
const longestTarget = 4095;
/** XATTR_NAME_MAX and XATTR_SIZE_MAX of Linux (include/uapi/linux/limits.h). */
const longestXattrName = 255;
const longestXattrValue = 65536;
/** What the 32-bit device number has room for (include/linux/kdev_t.h, new_encode_dev). */
const largestMajor = 0xfff;
const largestMinor = 0xfffff;
/** A list of 64 MiB in one inode: 2 TiB at the usual block size. A sparse file of a few bytes can claim more. */
const mostBlocks = 2 ** 24;

/**
 * Refuses an entry that SquashFS, or the Linux that is to read it, can't hold.
 * @throws Problem that names its path.
 */
export function requireStorable(
  path: ByteString,
  name: ByteString,
  node: Node<unknown>,
  blockSize: number,
): void {
  const found = wrongName(name) ?? unstorable(node, blockSize);
  if (found !== undefined) throw cannotStore(path, found);
}

/** The root has no name. */
export function requireStorableRoot(node: Node<unknown>, blockSize: number): void {
  const found = unstorable(node, blockSize);
  if (found !== undefined) throw cannotStore('/', found);
}

function cannotStore(path: ByteString, found: string): Problem {
  return new Problem({
    doing: `storing ${shown(path)} as SquashFS`,
    found,
    remedy: 'Change it in the image, or leave it out',
  });
}

function wrongName(name: ByteString): string | undefined {
  if (name.length > maxNameLength) {
    return `its name has ${name.length} bytes, and SquashFS holds names of up to ${maxNameLength}`;
  }
  const impossible = name === '' || name === '.' || name === '..' || /[/\0]/.test(name);
  return impossible ? 'no file can have this name' : undefined;
}

function unstorable(node: Node<unknown>, blockSize: number): string | undefined {
  return wrongAttributes(node.attributes) ?? wrongKind(node, blockSize);
}

function wrongAttributes({ uid, gid, xattrs }: Attributes): string | undefined {
  for (const id of [uid, gid]) {
    if (!Number.isInteger(id) || id < 0 || id > 0xffff_ffff)
      return `its owner is ${uid}:${gid}, and ids have 32 bits`;
  }
  for (const [name, value] of xattrs) {
    if (!xattrPrefixes.some((prefix) => name.startsWith(prefix))) continue;
    if (name.length > longestXattrName) {
      return `one of its attributes has a name of ${name.length} bytes, and Linux allows ${longestXattrName}`;
    }
    if (value.length > longestXattrValue) {
      return `its attribute ${shown(name)} has ${value.length} bytes, and Linux allows ${longestXattrValue}`;
    }
  }
  return undefined;
}

function wrongKind(node: Node<unknown>, blockSize: number): string | undefined {
  switch (node.kind) {
    case 'file':
      return node.size > blockSize * mostBlocks
        ? `it has ${node.size} bytes, and a file can have ${blockSize * mostBlocks} with blocks of ${blockSize}`
        : undefined;
    case 'symlink': {
      const { length } = node.target;
      return length === 0 || length > longestTarget || node.target.includes('\0')
        ? `it is a symbolic link to a path of ${length} bytes, which no path can be`
        : undefined;
    }
    case 'char':
    case 'block':
      return node.major > largestMajor || node.minor > largestMinor
        ? `it is device ${node.major}:${node.minor}, and numbers reach to ${largestMajor}:${largestMinor}`
        : undefined;
    case 'directory':
    case 'fifo':
    case 'socket':
      return undefined;
  }
}
