import path from 'node:path';
import type { SourceManifest } from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import type { OpenedCheckout } from '../../checkout/opened-checkout';
import type { Image } from '../../image/image';
import { encodingId, type SquashfsFormat } from '../../squashfs/compression';
import type { Workshop } from '../environment';
import { readDockerManifest } from './app-manifest';
import { isMadeFrom, isRight, presentFormat } from './is-made-from';
import { imageOfBase } from './recorded-digests';
import { formatOf } from './squashfs-format';

/**
 * Whether a build would give what is there: the same image, and the bytes that it gave; for an overlay, the same base below it; and for a base, the
 * compression that `format_options` asks for.
 */
export async function isUpToDate(
  checkout: OpenedCheckout,
  app: string,
  manifest: SourceManifest,
  kind: 'patch' | 'new-base',
  image: Image,
  workshop: Workshop,
): Promise<boolean> {
  const formatOfFile = (owner: string, volume: string) =>
    presentFormat(path.join(checkout.directory, owner, volume), workshop);
  const { base, docker_digest: digest, docker_ovl_digest: overlayDigest } = manifest.fields;
  const isPatched = overlayDigest !== undefined;
  // A patch of an app whose base is that very image would hold nothing.
  const isBase = kind === 'new-base' || (!base && !isPatched);
  const volume = isBase ? baseVolume : overlayVolume;
  const isFromImage =
    (isBase ? !isPatched && digest === image.digest : overlayDigest === image.digest) &&
    (await isMadeFrom(checkout, `${app}/${volume}`, image.digest));
  if (!isFromImage) return false;
  const format = await formatOfFile(app, volume);
  if (format === undefined) return false;
  const areRight = (owner: string, ofOwner: SourceManifest, name: string) =>
    isRight(checkout, { app: owner, volume: name, manifest: ofOwner }, workshop);
  if (!(await areRight(app, manifest, volume))) return false;
  if (isBase) return kind === 'patch' || isWanted(format, manifest);
  if ((await formatOfFile(base ?? app, baseVolume)) === undefined) return false;
  if (!base) return areRight(app, manifest, baseVolume);
  if ((await imageOfBase(checkout, base)) !== digest) return false;
  return areRight(base, await readDockerManifest(checkout, base), baseVolume);
}

/** Whether a build would compress as the present file is compressed. */
function isWanted(present: SquashfsFormat, manifest: SourceManifest): boolean {
  return encodingId(formatOf(manifest, present)) === encodingId(present);
}
