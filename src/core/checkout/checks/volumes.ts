import type { Contradiction } from '../contradictions/contradictions';
import { mountedFiles, type RunManifest } from '../manifests/run-manifest';
import { baseVolume, overlayVolume } from '../manifests/volume-name';
import type { AppRecord } from '../read-app';
import { lacksFile } from '../read-part';

/** File systems that should be there, or are there for nothing, according to the app's manifests. */
export function findVolumeContradictions(app: AppRecord): readonly Contradiction[] {
  const { name, run, part } = app;
  if (run?.rootVolume === undefined) return missingRoot(app);
  const missing = [...new Set(mountedFiles(run))]
    .map((volume) => `${name}/${volume}`)
    .filter((file) => lacksFile(part, file));
  return [
    ...missing.map((file): Contradiction => ({ kind: 'missing-volume', app: name, file })),
    ...unmountedOverlay(app, run),
  ];
}

/** Where run.json can't tell what is needed. */
function missingRoot({ name, manifest, baseApp, part }: AppRecord): readonly Contradiction[] {
  if (manifest === undefined) return [];
  const root = baseApp === undefined ? baseVolume : overlayVolume;
  return lacksFile(part, `${name}/${root}`) ? [{ kind: 'missing-squashfs', app: name }] : [];
}

function unmountedOverlay(
  { name, manifest, baseApp, overlay }: AppRecord,
  run: RunManifest,
): readonly Contradiction[] {
  if (mountedFiles(run).includes(overlayVolume)) return [];
  const isPatched = baseApp !== undefined || Boolean(manifest?.fields.docker_ovl_digest);
  if (isPatched) return [{ kind: 'unmounted-patch', app: name }];
  return overlay === undefined ? [] : [{ kind: 'unnamed-overlay', app: name, file: overlay.path }];
}
