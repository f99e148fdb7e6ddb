import type { Job } from '../job';
import type { Directory } from '../rootfs/tree';
import { hasApk, readApk } from './apk';
import { hasDpkg, readDpkg } from './dpkg';
import { type MetadataFiles, metadataFiles, type PackageSource, TooManyPaths } from './metadata-files';
import { hasOpkg, readOpkg } from './opkg';
import type { Package, PackageManager, UnreadMetadata } from './package';
import { hasPip, readPip } from './pip';
import { hasRpm, readRpm } from './rpm';

interface Reading {
  readonly manager: PackageManager;
  /** Whether there is something to read; nothing is read for it. */
  readonly has: (files: MetadataFiles) => boolean;
  readonly read: (files: MetadataFiles) => Promise<readonly Package[]>;
}

/** pip comes last: what a distribution packs of Python has its metadata too, and is the distribution's. */
const readings: readonly Reading[] = [
  { manager: 'dpkg', has: hasDpkg, read: readDpkg },
  { manager: 'apk', has: hasApk, read: readApk },
  { manager: 'opkg', has: hasOpkg, read: readOpkg },
  { manager: 'rpm', has: hasRpm, read: readRpm },
  { manager: 'pip', has: hasPip, read: readPip },
];

export interface InstalledPackages {
  /** Whose a path is that several name, the first of them says. */
  readonly packages: readonly Package[];
  readonly unread: readonly UnreadMetadata[];
}

/** All that is installed in a tree. What can't be read is noted, and as good as not there. @throws the signal's reason. */
export async function readPackages<C>(source: PackageSource<C>, job: Job): Promise<InstalledPackages> {
  const packages: Package[] = [];
  const unread: UnreadMetadata[] = [];
  for (const { manager, has, read } of readings) {
    const files = metadataFiles(source, manager, unread, job);
    if (!has(files)) continue;
    try {
      for (const one of await read(files)) packages.push(one);
    } catch (error) {
      if (!(error instanceof TooManyPaths)) throw error;
      files.note('', 'tooLarge');
    }
  }
  return { packages, unread };
}

/** Whether a tree has metadata of packages; nothing but the tree is looked at. */
export function hasPackages(root: Directory<unknown>, job: Job): boolean {
  const nothingRead = { root, read: () => Promise.resolve(Buffer.alloc(0)) };
  return readings.some(({ manager, has }) => has(metadataFiles(nothingRead, manager, [], job)));
}
