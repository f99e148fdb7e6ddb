import { posix } from 'node:path';
import { compareKeys } from '../../json/key-order';

/** A folder of the container that outlives it. */
export interface StorageVolume {
  /** The name in run.json's `storage`, and of the folder below `/volumes/<app>/`. */
  readonly key: string;
  /** The folder as the image or src.json names it, but for a slash at its end. */
  readonly path: string;
  /** Where it is mounted, without slashes at its ends; never the root folder itself. */
  readonly target: string;
  /** `bind`: the volume takes the place of the folder. `overlay`: it lies over what the image has there. */
  readonly mount: 'bind' | 'overlay';
  readonly storage: Storage;
}

export interface Storage {
  /** `permanent`, `revision` or `boot`. */
  readonly persistence: string;
  readonly disk: string | undefined;
}

/**
 * How long a volume keeps its content: for good, as long as the revision is in use, or until the next boot. Pantavisor takes
 * anything else for the last (parser/parser_system1.c:624-705).
 */
export const persistenceKinds: readonly string[] = ['permanent', 'revision', 'boot'];

/** The name under which `persistence` speaks of the container's own writable layer. */
export const rootOverlay = 'lxc-overlay';
/** What stands before the path of a volume that lies over the image's folder. */
export const overlayScheme = 'ovl:';

export interface StorageVolumes {
  readonly volumes: readonly StorageVolume[];
  /** Of the root folder, whose place none can take: docker refuses these, and LXC can't mount them. */
  readonly ofRoot: readonly StorageVolume[];
}

/**
 * The volumes of the image (permanent, unless told otherwise) and those of src.json's `persistence`, in the
 * order that pvr writes them.
 */
export function storageVolumes(
  imageVolumes: readonly string[],
  persistence: ReadonlyMap<string, string>,
): StorageVolumes {
  const withoutSlash = (path: string) => path.replace(/\/$/, '');
  const merged = new Map([
    ...imageVolumes.map((path): [string, string] => [withoutSlash(path), 'permanent']),
    ...[...persistence].map(([path, value]): [string, string] => [withoutSlash(path), value]),
  ]);
  merged.delete(rootOverlay);
  const all = [...merged]
    .sort(([a], [b]) => compareKeys(a, b))
    .map(([name, value]): StorageVolume => {
      const isOverlay = name.startsWith(overlayScheme);
      const path = isOverlay ? name.slice(overlayScheme.length) : name;
      return {
        key: dockerVolumeKey(path, isOverlay ? 'ovl' : ''),
        path,
        target: path.replace(/^\/+|\/+$/g, ''),
        mount: isOverlay ? 'overlay' : 'bind',
        storage: storageOf(value),
      };
    });
  return {
    volumes: all.filter(({ path }) => !isRoot(path)),
    ofRoot: all.filter(({ path }) => isRoot(path)),
  };
}

function isRoot(path: string): boolean {
  return posix.normalize(`/${path}/`) === '/';
}

/** Where what the container writes elsewhere is kept; by default until the next boot. */
export function rootOverlayStorage(persistence: ReadonlyMap<string, string>): Storage {
  const value = persistence.get(rootOverlay);
  return value ? storageOf(value) : { persistence: 'boot', disk: undefined };
}

/** `/var/lib/db`, or the same with a slash at its end -> `docker--var-lib-db` (pvr templates/pvr-funcs.go, dockerVolumeName). */
export function dockerVolumeKey(path: string, scheme: '' | 'ovl' = ''): string {
  return `docker${scheme}-${path.replace(/\/$/, '').replaceAll('/', '-')}`;
}

/** Reads `permanent` and `permanent@disk`. */
function storageOf(value: string): Storage {
  const parts = value.split('@');
  return { persistence: parts[0] ?? '', disk: parts.length > 1 ? parts.at(-1) : undefined };
}
