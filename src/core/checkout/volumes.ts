import { Problem } from '../problem';
import { dockerVolumeKey } from './template/storage';

/** `lxc-overlay` is where the container writes everything that no volume takes; by default it lasts until the next boot. */
const rootOverlay = 'lxc-overlay';
const overlayScheme = 'ovl:';
const persistenceKinds = ['permanent', 'revision', 'boot'];

/**
 * Reads the values of `--volume`, into src.json's `persistence`: the path of a folder in the container, and how long it
 * keeps its content, perhaps with the disk that it lies on.
 *
 * - `/data:permanent`, `/data:permanent@usb`
 * - `ovl:/var:permanent`: what the container writes to `/var` lies over what the image has there
 * - `lxc-overlay:revision`: all that it writes elsewhere
 *
 * pvr takes the first colon for the separator, and so reads `ovl:/var:permanent` as `/var` for `ovl` (applib.go:653-665).
 *
 * @throws Problem for the first one that makes no sense, or clashes with another.
 */
export function parseVolumes(volumes: readonly string[]): ReadonlyMap<string, string> {
  const persistence = new Map<string, string>();
  const pathByKey = new Map<string, string>();
  for (const volume of volumes) {
    const [path, value] = parseVolume(volume);
    const key = storageKey(path);
    const other = pathByKey.get(key);
    if (other !== undefined) throw clash(volume, path, other);
    pathByKey.set(key, path);
    persistence.set(path, value);
  }
  return persistence;
}

function parseVolume(volume: string): readonly [path: string, persistence: string] {
  const colon = volume.lastIndexOf(':');
  const path = withoutEndingSlash(volume.slice(0, Math.max(colon, 0)));
  const value = volume.slice(colon + 1);
  const [persistence = '', disk, ...rest] = value.split('@');
  const problem = (found: string) => badVolume(volume, found);
  if (colon < 0) throw problem('it does not say how long its content is kept');
  if (!persistenceKinds.includes(persistence))
    throw problem(`${JSON.stringify(persistence)} is no persistence`);
  const isDisk = disk === undefined || /^[\w.-]+$/.test(disk);
  if (!isDisk || rest.length > 0)
    throw problem(`${JSON.stringify(value.slice(persistence.length + 1))} is no disk`);
  const fault = path === rootOverlay ? undefined : pathFault(folderOf(path));
  if (fault !== undefined) throw problem(fault);
  return [path, value];
}

/** A clause about what is wrong with a container's folder. lxc.container.conf can't quote the characters that it needs. */
function pathFault(folder: string): string | undefined {
  if (!folder.startsWith('/')) return `${JSON.stringify(folder)} is not an absolute path`;
  if (folder === '/') return `of the root folder, what is written can be kept with ${rootOverlay} only`;
  if (/[\s,:@]/.test(folder)) return 'its path holds a space, a comma, a colon or an @';
  const isPlain = folder.split('/').every((part, index) => index === 0 || !['', '.', '..'].includes(part));
  return isPlain ? undefined : `${folder} is not a plain path`;
}

function folderOf(path: string): string {
  return path.startsWith(overlayScheme) ? path.slice(overlayScheme.length) : path;
}

/** Under which run.json keeps the volume, and the device its files. */
function storageKey(path: string): string {
  if (path === rootOverlay) return path;
  return dockerVolumeKey(folderOf(path), path.startsWith(overlayScheme) ? 'ovl' : '');
}

function withoutEndingSlash(path: string): string {
  return path.length > 1 && !path.endsWith(':/') ? path.replace(/\/$/, '') : path;
}

function badVolume(volume: string, found: string): Problem {
  return new Problem({
    doing: `reading the volume ${JSON.stringify(volume)}`,
    found,
    remedy: 'Write it like /data:permanent, /cache:boot, /db:revision@disk or ovl:/etc:permanent',
  });
}

function clash(volume: string, path: string, other: string): Problem {
  const isSame = path === other;
  return new Problem({
    doing: `reading the volume ${JSON.stringify(volume)}`,
    found: isSame ? `${path} is named twice` : `a device would keep it in the same place as ${other}`,
    remedy: isSame ? 'Name it once' : 'Make one of them a part of the other, or rename one',
  });
}
