import path from 'node:path';
import type { SourceManifest } from '../checkout/source-manifest';
import { baseVolume, overlayVolume } from '../checkout/volume-name';
import type { Image } from '../image/image';
import { readDockerManifest } from './app-manifest';
import type { BuildEnvironment } from './environment';
import { isMadeFrom, isWhole } from './is-made-from';

/** Whether a build would give what is there: the same image and, for an overlay, the same base below it. */
export async function isUpToDate(
  checkoutDirectory: string,
  app: string,
  { fields }: SourceManifest,
  kind: 'patch' | 'new-base',
  image: Image,
  environment: BuildEnvironment,
): Promise<boolean> {
  const isMade = (volume: string) =>
    isMadeFrom(checkoutDirectory, `${app}/${volume}`, image.digest, environment);
  const { base, docker_digest: digest, docker_ovl_digest: overlayDigest } = fields;
  const isPatched = overlayDigest !== undefined;
  // A patch of an app whose base is that very image would hold nothing.
  if (kind === 'new-base' || (!base && !isPatched)) {
    return digest === image.digest && !isPatched && (await isMade(baseVolume));
  }
  if (overlayDigest !== image.digest || !(await isMade(overlayVolume))) return false;
  if (!base) return isWhole(path.join(checkoutDirectory, app, baseVolume), environment);
  return (await readDockerManifest(checkoutDirectory, base)).fields.docker_digest === digest;
}
