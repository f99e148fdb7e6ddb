import { Problem } from '../../problem';
import { hashFileSize } from '../../verity/tree-layout';
import type { Contradiction } from '../contradictions/contradictions';
import { mountedNames, type RunManifest } from '../manifests/run-manifest';
import { readVerityManifest } from '../manifests/verity-manifest';
import {
  baseVolume,
  isVerified,
  overlayVolume,
  verityManifestPath,
  volumeFile,
  withVerity,
} from '../manifests/volume-name';
import type { AppRecord } from '../read-app';
import { lacksFile, textOf, type PartRecord } from '../read-part';

/**
 * Volumes that a device can't verify, or won't although it should. Hash trees are only measured: to check one, the whole
 * volume would have to be read.
 */
export function findVerityContradictions({ name, part, manifest, run }: AppRecord): readonly Contradiction[] {
  if (run === undefined) return [];
  const denied = manifest?.fields.dm_enabled?.get(overlayVolume) === false;
  return [
    ...mountedNames(run)
      .filter(isVerified)
      .flatMap((volume) => volumeFaults(name, part, volume)),
    ...(denied ? [] : unverifiedOverlay(name, run)),
  ];
}

function volumeFaults(app: string, part: PartRecord, volume: string): readonly Contradiction[] {
  const file = volumeFile(volume);
  const manifestPath = verityManifestPath(app, file);
  if (lacksFile(part, manifestPath)) return [{ kind: 'missing-verity', app, file: manifestPath, volume }];
  const found = treeFault(app, part, file, textOf(part, manifestPath) ?? '');
  return found === undefined ? [] : [{ kind: 'wrong-verity', app, file: manifestPath, volume, found }];
}

/** A clause about what can't be right. */
function treeFault(app: string, part: PartRecord, volume: string, text: string): string | undefined {
  const manifest = parsed(text, volume);
  // What is no JSON is told of elsewhere.
  if (manifest === undefined) return undefined;
  const { dataDevice, hashDevice, rootHash } = manifest;
  if (dataDevice !== volume) return `it is about ${dataDevice}`;
  if (rootHash === undefined) return 'it has no root hash';
  const sizeOf = (file: string) => part.files.find(({ path }) => path === `${app}/${file}`)?.size;
  const [dataSize, hashSize] = [sizeOf(dataDevice), sizeOf(hashDevice)];
  if (lacksFile(part, `${app}/${hashDevice}`)) return `the hash tree, ${hashDevice}, does not exist`;
  // A missing volume is told of elsewhere.
  if (dataSize === undefined || hashSize === undefined) return undefined;
  const expected = hashFileSize(dataSize);
  return hashSize === expected
    ? undefined
    : `the hash tree, ${hashDevice}, has ${hashSize} bytes, but one of this volume has ${expected}`;
}

function parsed(text: string, volume: string) {
  try {
    return readVerityManifest(text, volume, volume);
  } catch (problem) {
    if (problem instanceof Problem) return undefined;
    throw problem;
  }
}

/** pvr leaves it so: it never gives `dm:` to other volumes than the root (pvr templates/builtin-lxc-docker.go:332-335). */
function unverifiedOverlay(app: string, { rootVolume, volumes }: RunManifest): readonly Contradiction[] {
  const isUnverified = rootVolume === withVerity(baseVolume) && volumes.includes(overlayVolume);
  return isUnverified ? [{ kind: 'unverified-overlay', app, file: `${app}/${overlayVolume}` }] : [];
}
