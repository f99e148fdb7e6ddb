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
  return name.startsWith(verityHandler) ? name.slice(verityHandler.length) : name;
}

export function withVerity(file: string): string {
  return verityHandler + file;
}

/** The file that tells the device how to verify a volume (pantavisor scripts/volmount/verity); undefined without `dm:`. */
export function verityManifest(name: string): string | undefined {
  return name.startsWith(verityHandler) ? `_dm/${volumeFile(name)}.json` : undefined;
}
