import { Problem } from '../../problem';
import { dockerVolumeKey, overlayScheme, persistenceKinds, rootOverlay } from '../template/storage';

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
  for (const volume of volumes) {
    const [path, value] = parseVolume(volume);
    for (const other of persistence.keys()) {
      const found = clashOf(path, other);
      if (found !== undefined) throw badVolume(volume, found);
    }
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

/** A clause about what is wrong with a container's folder. Commas and colons separate the layers and options of a mount. */
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

/** A clause about two volumes that can't both be. */
function clashOf(path: string, other: string): string | undefined {
  if (folderOf(path) === folderOf(other)) return `${folderOf(path)} is named twice`;
  if (storageKey(path) !== storageKey(other)) return undefined;
  return `a device would keep it in the same place as ${other}`;
}

function badVolume(volume: string, found: string): Problem {
  return new Problem({
    doing: `reading the volume ${JSON.stringify(volume)}`,
    found,
    remedy: 'Write it like /data:permanent, /cache:boot, /db:revision@disk or ovl:/etc:permanent',
  });
}
