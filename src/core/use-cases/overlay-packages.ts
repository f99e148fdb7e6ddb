import type { ByteString } from '../bytes/byte-string';
import type { Job } from '../job';
import type { Package, PackageManager, UnreadMetadata } from '../packages/package';
import { PackageOwners } from '../packages/package-owners';
import { hasPackages, readPackages } from '../packages/read-packages';
import type { OverlayChange } from '../rootfs/overlay-changes';
import { stackTrees } from '../rootfs/stack';
import { type Directory, type RegularFile, regularFiles } from '../rootfs/tree';
import type { BlockContent } from '../squashfs/reader';
import { nextTurn } from '../turns';
import { exactChanges } from './app-files';
import { type Layers, openLayers } from './steps/base-and-overlay';

/** Some of an overlay's changes. */
export interface ChangedPaths {
  /** In byte order; each change of the overlay is in one group, and there once. */
  readonly paths: readonly ByteString[];
  /** Before compression, of what ships: hard links once, nothing of what is deleted. */
  readonly bytes: number;
}

/** What an overlay does to one package. */
export interface ChangedPackage extends ChangedPaths {
  readonly manager: PackageManager;
  readonly name: ByteString;
  /** That the device sees; undefined where the package is gone, `''` where it isn't known. */
  readonly version?: ByteString;
  /** In the base, if only the same; undefined where the package is new, `''` where it isn't known. */
  readonly baseVersion?: ByteString;
}

/** An overlay's changes by the packages that they belong to. Plain data. */
export interface OverlayPackages {
  /** The heaviest first. */
  readonly packages: readonly ChangedPackage[];
  /** What no package has. */
  readonly rest: ChangedPaths;
  /** There is metadata of packages, in the base at least, be it readable or not. */
  readonly areKnown: boolean;
  /** Of the base and of what the device sees, each once. */
  readonly unread: readonly UnreadMetadata[];
}

/**
 * Which packages an app's overlay changes. Whose a file is, the device's metadata says; the base's says it of what is
 * deleted, and of what only that knows.
 *
 * @param codecs the folder that holds `liblzma.wasm`.
 */
export async function readOverlayPackages(
  checkoutDirectory: string,
  app: string,
  codecs: string,
  job: Job,
): Promise<OverlayPackages> {
  await using layers = await openLayers(checkoutDirectory, app, codecs, job);
  const changes = await exactChanges(layers, job);
  const { base, overlay } = layers;
  const device = await installedIn(stackTrees(base.root, overlay.root), layers, job);
  const before = await installedIn(base.root, layers, job);

  const found = new Map<string, Group>();
  const rest = new Group();
  for (const change of changes) {
    const owner =
      (change.change === 'deleted' ? undefined : device.owners.of(change.path)) ??
      (change.change === 'added' ? undefined : before.owners.of(change.path));
    if (owner === undefined) {
      rest.add(change);
      continue;
    }
    const key = keyOf(owner);
    const group = found.get(key) ?? new Group(owner);
    group.add(change);
    found.set(key, group);
  }
  const packages = [...found].flatMap(([key, { owner, paths, bytes }]): readonly ChangedPackage[] => {
    if (owner === undefined) return [];
    const { manager, name } = owner;
    const version = device.versions.get(key);
    const baseVersion = before.versions.get(key);
    return [
      {
        manager,
        name,
        ...(version !== undefined && { version }),
        ...(baseVersion !== undefined && { baseVersion }),
        paths,
        bytes,
      },
    ];
  });
  return {
    packages: packages.sort((a, b) => b.bytes - a.bytes || (keyOf(a) < keyOf(b) ? -1 : 1)),
    rest: { paths: rest.paths, bytes: rest.bytes },
    areKnown: hasPackages(base.root, job) || device.versions.size > 0,
    unread: distinct([...device.unread, ...before.unread]),
  };
}

/** Whether an app's overlay can be told by packages; no file is read for it. @param codecs as {@link readOverlayPackages}. */
export async function knowsOverlayPackages(
  checkoutDirectory: string,
  app: string,
  codecs: string,
  job: Job,
): Promise<boolean> {
  await using layers = await openLayers(checkoutDirectory, app, codecs, job);
  await nextTurn(job);
  return hasPackages(layers.overlay.root, job) || hasPackages(layers.base.root, job);
}

interface Installed {
  readonly owners: PackageOwners;
  /** By {@link keyOf}; all of them where several are installed side by side. */
  readonly versions: ReadonlyMap<string, ByteString>;
  readonly unread: readonly UnreadMetadata[];
}

/** @param root of the base, or of what the device sees of both. */
async function installedIn(
  root: Directory<BlockContent>,
  { base, overlay }: Layers,
  job: Job,
): Promise<Installed> {
  const ofOverlay = new Set(regularFiles(overlay.root));
  const read = async (file: RegularFile<BlockContent>) => {
    const { reader } = ofOverlay.has(file) ? overlay : base;
    const chunks: Uint8Array[] = [];
    for await (const chunk of reader.read(file, job)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const { packages, unread } = await readPackages({ root, read }, job);
  const versions = new Map<string, Set<ByteString>>();
  for (const one of packages) {
    const key = keyOf(one);
    versions.set(key, (versions.get(key) ?? new Set<ByteString>()).add(one.version));
  }
  return {
    owners: await PackageOwners.of(root, packages, job),
    versions: new Map([...versions].map(([key, all]) => [key, [...all].join(', ')])),
    unread,
  };
}

/** A package is the same one in both trees, and in all architectures. */
function keyOf({ manager, name }: Pick<Package, 'manager' | 'name'>): string {
  return `${manager} ${name}`;
}

class Group {
  readonly paths: ByteString[] = [];
  bytes = 0;

  constructor(readonly owner?: Package) {}

  add({ path, change, size, hardLinkOf }: OverlayChange): void {
    this.paths.push(path);
    if (change !== 'deleted' && hardLinkOf === undefined) this.bytes += size;
  }
}

function distinct(unread: readonly UnreadMetadata[]): readonly UnreadMetadata[] {
  return [...new Map(unread.map((one) => [`${one.path} ${one.reason}`, one])).values()];
}
