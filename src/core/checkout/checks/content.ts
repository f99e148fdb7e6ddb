import type { Contradiction } from '../contradictions/contradictions';
import { rightHashes } from '../hashes/recipe';
import { baseVolume, overlayVolume } from '../manifests/volume-name';
import type { AppRecord } from '../read-app';
import { sha256In } from '../read-part';
import type { TrackedFiles } from '../tracked-files';

/**
 * File systems that are whole, but neither what was committed nor what was built here from the image that src.json names, as far
 * as they have been compared.
 */
export function findContentContradictions(app: AppRecord, tracked: TrackedFiles): readonly Contradiction[] {
  const { name, manifest, part, contradictions } = app;
  if (manifest === undefined) return [];
  const isDamaged = (file: string) =>
    contradictions.some((one) => one.kind === 'damaged-squashfs' && one.file === file);
  return [baseVolume, overlayVolume].flatMap((volume): readonly Contradiction[] => {
    const file = `${name}/${volume}`;
    const sha256 = sha256In(part, file);
    const right = rightHashes({ app: name, volume, manifest }, tracked);
    if (sha256 === undefined || isDamaged(file) || right.size === 0 || right.has(sha256)) return [];
    return [{ kind: 'wrong-content', app: name, file }];
  });
}
