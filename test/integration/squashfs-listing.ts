import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type Directory, type Hashed, type Node, walk } from '../../src/core/rootfs/tree';
import { modeFact } from '../device-view/folder-listing';
import type { Listed, Listing } from '../device-view/listing';

/**
 * What `unsquashfs -lln` says of a file. Of a folder's size it gives the length of its listing, which a tree doesn't have.
 */
export function unsquashfsListing(image: string): string[] {
  const output = execFileSync('unsquashfs', ['-lln', image], {
    env: { ...process.env, TZ: 'UTC' },
    maxBuffer: 1 << 28,
  });
  return output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, mode, owner, size, date, name] =
        /^(\S{10}) (\S+) +(-?\d+, *\d+|\d+) (\S+ \S+) squashfs-root(.*)$/.exec(line) ?? [];
      assert.ok(mode && owner && size && date && name !== undefined, line);
      return [mode, owner, mode.startsWith('d') ? '' : size.replaceAll(' ', ''), date, name].join(' ');
    });
}

/** What it should say of a tree. */
export function expectedListing(root: Directory<unknown>): string[] {
  return [['', root] as const, ...walk(root)].map(([name, node]) => {
    const { mode, uid, gid, mtime } = node.attributes;
    const date = new Date(mtime * 1000).toISOString().slice(0, 16).replace('T', ' ');
    const target = node.kind === 'symlink' ? ` -> ${node.target}` : '';
    const below = name === '' ? '' : `/${name}`;
    return [modeText(node.kind, mode), `${uid}/${gid}`, sizeText(node), date, below + target].join(' ');
  });
}

function modeText(kind: Node<unknown>['kind'], mode: number): string {
  const letter = { file: '-', directory: 'd', symlink: 'l', char: 'c', block: 'b', fifo: 'p', socket: 's' }[
    kind
  ];
  const bits = Array.from('rwxrwxrwx', (bit, index) => ((mode >> (8 - index)) & 1 ? bit : '-'));
  for (const [bit, place, set] of [
    [0o4000, 2, 's'],
    [0o2000, 5, 's'],
    [0o1000, 8, 't'],
  ] as const) {
    if (mode & bit) bits[place] = bits[place] === 'x' ? set : set.toUpperCase();
  }
  return letter + bits.join('');
}

function sizeText(node: Node<unknown>): string {
  switch (node.kind) {
    case 'file':
      return String(node.size);
    case 'symlink':
      return String(node.target.length);
    case 'char':
    case 'block':
      return deviceText(node.major, node.minor);
    case 'fifo':
    case 'socket':
      return '0';
    case 'directory':
      return '';
  }
}

/** unsquashfs takes all but the lowest 8 bits of the stored number (new_encode_dev) for the major one, with a sign. */
function deviceText(major: number, minor: number): string {
  const stored = (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
  return `${stored >> 8},${stored & 0xff}`;
}

/** What the kernel should show of a tree that is mounted, as `listFolder` has it. */
export function expectedView(root: Directory<Hashed>): Listing {
  const listing = new Map<string, Listed>();
  for (const [path, node] of [['', root] as const, ...walk(root)]) {
    listing.set(path, { facts: new Map(factsOf(node)), inode: node });
  }
  return listing;
}

function* factsOf(node: Node<Hashed>): Generator<[name: string, value: string]> {
  const { mode, uid, gid, xattrs } = node.attributes;
  yield ['kind', node.kind];
  yield ['mode', modeFact(mode)];
  yield ['owner', `${uid}:${gid}`];
  if (node.kind === 'symlink') yield ['target', node.target];
  if (node.kind === 'char' || node.kind === 'block') yield ['device', `${node.major}:${node.minor}`];
  if (node.kind === 'file') {
    yield ['size', String(node.size)];
    yield ['sha256', node.content.sha256];
  }
  for (const [name, value] of xattrs) yield [`xattr ${name}`, `0x${value.toString('hex')}`];
}
