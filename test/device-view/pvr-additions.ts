import type { ByteString } from '../../src/core/bytes/byte-string';
import type { Listed, Listing } from './listing';

/** Folders that every container gets (pvr, libpvr/dockerlib.go:71), with the modes they must have. */
const folders: readonly (readonly [ByteString, string])[] = [
  ['proc', '0755'],
  ['sys', '0755'],
  ['dev', '0755'],
  ['tmp', '1777'],
  ['var', '0755'],
  ['var/tmp', '1777'],
  ['run', '0755'],
  ['var/run', '0755'],
];

/** What of an image a device shall see: less what no SquashFS base can say, with the changes that pvr makes to each image. */
export function asOnDevice(image: Listing): Listing {
  const listing = new Map(image);
  for (const [path, { facts }] of image) {
    // Device 0:0 is how overlayfs spells "nothing".
    if (facts.get('kind') === 'char' && facts.get('device') === '0:0') listing.delete(path);
  }
  // pvr, libpvr/dockerlib.go:68
  if (kindAt(listing, 'usr/bin/qemu-arm-static') !== 'directory') listing.delete('usr/bin/qemu-arm-static');
  for (const [path, mode] of folders) {
    const parent = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
    // Nothing is made through a link.
    if (!listing.has(path) && kindAt(listing, parent) === 'directory') listing.set(path, newFolder(mode));
  }
  return listing;
}

function kindAt(listing: Listing, path: ByteString): string | undefined {
  return listing.get(path)?.facts.get('kind');
}

function newFolder(mode: string): Listed {
  const facts = new Map([
    ['kind', 'directory'],
    ['mode', mode],
    ['owner', '0:0'],
  ]);
  return { facts, inode: {} };
}
