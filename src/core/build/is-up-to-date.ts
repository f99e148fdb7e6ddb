import path from 'node:path';
import type { SourceManifest } from '../checkout/source-manifest';
import { baseVolume, overlayVolume } from '../checkout/volume-name';
import type { Image } from '../image/image';
import { encodingId, type SquashfsFormat } from '../squashfs/compression';
import { readDockerManifest } from './app-manifest';
import type { BuildEnvironment } from './environment';
import { isMadeFrom, presentFormat } from './is-made-from';
import { formatOf } from './squashfs-format';

/**
 * Whether a build would give what is there: the same image; for an overlay, the same base below it; and for a base, the
 * compression that `format_options` asks for.
 */
export async function isUpToDate(
  checkoutDirectory: string,
  app: string,
  manifest: SourceManifest,
  kind: 'patch' | 'new-base',
  image: Image,
  environment: BuildEnvironment,
): Promise<boolean> {
  const formatOfFile = (owner: string, volume: string) =>
    presentFormat(path.join(checkoutDirectory, owner, volume), environment);
  const { base, docker_digest: digest, docker_ovl_digest: overlayDigest } = manifest.fields;
  const isPatched = overlayDigest !== undefined;
  // A patch of an app whose base is that very image would hold nothing.
  const isBase = kind === 'new-base' || (!base && !isPatched);
  const volume = isBase ? baseVolume : overlayVolume;
  const isFromImage =
    (isBase ? !isPatched && digest === image.digest : overlayDigest === image.digest) &&
    (await isMadeFrom(checkoutDirectory, `${app}/${volume}`, image.digest));
  if (!isFromImage) return false;
  const format = await formatOfFile(app, volume);
  if (format === undefined) return false;
  if (isBase) return kind === 'patch' || isWanted(format, manifest);
  if ((await formatOfFile(base ?? app, baseVolume)) === undefined) return false;
  return !base || (await readDockerManifest(checkoutDirectory, base)).fields.docker_digest === digest;
}

/** Whether a build would compress as the present file is compressed. */
function isWanted(present: SquashfsFormat, manifest: SourceManifest): boolean {
  return encodingId(formatOf(manifest, present)) === encodingId(present);
}
