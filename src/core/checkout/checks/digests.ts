import type { Contradiction } from '../contradictions/contradictions';
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
  if (source.kind === 'rootfs') return compare(app, `${baseVolume}.rootfs-digest`, fields.rootfs_digest);
  if (source.kind !== 'docker') return [];
  // An overlay that nothing mounts is told of elsewhere.
  const hasOverlay = run === undefined || mountedFiles(run).includes(overlayVolume);
  return [
    // In an extension app's src.json, `docker_digest` speaks of the other app's base.
    ...(baseApp === undefined ? compare(app, `${baseVolume}.docker-digest`, fields.docker_digest) : []),
    ...(hasOverlay ? compare(app, `${overlayVolume}.docker-digest`, fields.docker_ovl_digest) : []),
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
