/** An app's base. */
export const baseVolume = 'root.squashfs';
/** What changed against the base: the app's own, or that of another app. */
export const overlayVolume = 'root.ovl.squashfs';

const verityHandler = 'dm:';

/**
 * The file that a volume in run.json names: `dm:root.squashfs`, mounted through dm-verity, is
 * `root.squashfs`.
 */
export function volumeFile(name: string): string {
  return isVerified(name) ? name.slice(verityHandler.length) : name;
}

/** Whether a volume in run.json is mounted through dm-verity. */
export function isVerified(name: string): boolean {
  return name.startsWith(verityHandler);
}

export function withVerity(file: string): string {
  return verityHandler + file;
}

/** The file of an app that tells the device how to verify one of its files (pantavisor scripts/volmount/verity). */
export function verityManifestPath(app: string, file: string): string {
  return `${app}/_dm/${file}.json`;
}
