import type { Contradiction } from '../contradictions/contradictions';
import { digestPlaceOf } from '../manifests/digest-place';
import { mountedFiles } from '../manifests/run-manifest';
import { sameDigest } from '../manifests/same-digest';
import { baseVolume, overlayVolume } from '../manifests/volume-name';
import type { AppRecord } from '../read-app';
import { textOf } from '../read-part';

/** File systems that were made from another image than the one that src.json names. */
export function findDigestContradictions(app: AppRecord): readonly Contradiction[] {
  const { manifest, source, run, baseApp } = app;
  if (manifest === undefined) return [];
  const { fields } = manifest;
  // Of another checkout's app, its files say what they were made from there, and nothing else need agree.
  if (source.kind !== 'docker' && source.kind !== 'rootfs') return [];
  const { field, suffix } = digestPlaceOf(manifest);
  // An overlay that nothing mounts is told of elsewhere.
  const hasOverlay = run === undefined || mountedFiles(run).includes(overlayVolume);
  return [
    // In an extension app's src.json, `docker_digest` speaks of the other app's base.
    ...(baseApp === undefined ? compare(app, `${baseVolume}${suffix}`, fields[field]) : []),
    ...(hasOverlay ? compare(app, `${overlayVolume}${suffix}`, fields.docker_ovl_digest) : []),
  ];
}

function compare(
  { name, part }: AppRecord,
  digestFile: string,
  manifestDigest: string | undefined,
): readonly Contradiction[] {
  const file = `${name}/${digestFile}`;
  const digest = textOf(part, file)?.trim();
  if (digest === undefined || digest === '') return [];
  if (manifestDigest !== undefined && sameDigest(digest, manifestDigest)) return [];
  return [{ kind: 'wrong-digest', file, digest, manifestDigest }];
}
