import { mountedNames, type RunManifest } from './run-manifest';
import { withFields, type SourceManifest } from './source-manifest';
import type { SourceFields } from './source-fields';
import { baseVolume, isVerified, overlayVolume, volumeFile, withVerity } from './volume-name';

/**
 * A volume's name in the run.json that follows from a src.json: with `dm:` in front where "dm_enabled" says so. An overlay
 * is verified with its base unless src.json denies it, since it can hide any file of the base.
 *
 * pvr gives the root volume `dm:` when either file is enabled, whether or not that one can be verified, and other volumes
 * never, the overlay included (pvr templates/builtin-lxc-docker.go:308,332-335).
 */
export function mountName({ dm_enabled: enabled }: SourceFields, file: string): string {
  const wanted = enabled?.get(file) ?? (file === overlayVolume && enabled?.get(baseVolume));
  return wanted ? withVerity(file) : file;
}

/** src.json as it would be if it had led to these names of volumes. */
export function withVerityAsIn(manifest: SourceManifest, run: RunManifest): SourceManifest {
  const found = mountedNames(run).map((name) => [volumeFile(name), isVerified(name)] as const);
  return withFields(manifest, { dm_enabled: new Map([...(manifest.fields.dm_enabled ?? []), ...found]) });
}

/**
 * src.json with the volumes that run.json verifies although src.json says nothing about them, so that a build doesn't take
 * away what someone has set up.
 */
export function keepingVerityOf(manifest: SourceManifest, run: RunManifest): SourceManifest {
  const verified = mountedNames(run).filter(isVerified);
  if (verified.length === 0) return manifest;
  const kept = verified.map((name) => [volumeFile(name), true] as const);
  return withFields(manifest, { dm_enabled: new Map([...kept, ...(manifest.fields.dm_enabled ?? [])]) });
}
