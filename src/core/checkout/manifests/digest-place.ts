import { sourceKind, type SourceManifest } from './source-manifest';

/** Where an app keeps what its SquashFS files were made from. */
export interface DigestPlace {
  /** The field of its src.json that names what its own base was made from. */
  readonly field: 'docker_digest' | 'rootfs_digest';
  /** What stands behind a SquashFS file's name in that of the file with its digest. */
  readonly suffix: '.docker-digest' | '.rootfs-digest';
}

const ofImage: DigestPlace = { field: 'docker_digest', suffix: '.docker-digest' };
const ofRootfs: DigestPlace = { field: 'rootfs_digest', suffix: '.rootfs-digest' };

/** Both, for who clears up. */
export const digestSuffixes = [ofImage.suffix, ofRootfs.suffix] as const;

/**
 * As pvr has it: of an image its digest, of a root file system the sha256 of the file that was made of it (pvr libpvr/approotfslib.go).
 * An app of another checkout keeps what it had there.
 */
export function digestPlaceOf(manifest: SourceManifest): DigestPlace {
  const { docker_digest: ofDocker, docker_name: name, rootfs_digest: digest } = manifest.fields;
  switch (sourceKind(manifest)) {
    case 'docker':
      return ofImage;
    case 'rootfs':
      return ofRootfs;
    case 'pvr':
      return !ofDocker && !name && digest ? ofRootfs : ofImage;
  }
}

/** What an app's own base was made from, as its src.json says it. */
export function baseDigestOf(manifest: SourceManifest): string | undefined {
  return manifest.fields[digestPlaceOf(manifest).field];
}
