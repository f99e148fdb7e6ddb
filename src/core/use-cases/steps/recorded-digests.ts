import { bareDigest } from '../../checkout/manifests/same-digest';
import { type SourceManifest, withFields } from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import type { OpenedCheckout } from '../../checkout/opened-checkout';
import { isDigest } from '../../image/digest';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import { readDockerManifest } from './app-manifest';

/** Which SquashFS file an app can't be without, and the field of its src.json that names the image of that file. */
function indispensable({ fields }: SourceManifest) {
  return fields.base
    ? ({ field: 'docker_ovl_digest', volume: overlayVolume } as const)
    : ({ field: 'docker_digest', volume: baseVolume } as const);
}

/**
 * The src.json of an app, with the digest that it lacks but that the file beside `root.squashfs`, or beside an extension
 * app's overlay, has kept; the same object where it lacks none, or nothing has kept it.
 */
export async function withRecordedDigest(
  checkout: OpenedCheckout,
  app: string,
  manifest: SourceManifest,
): Promise<SourceManifest> {
  const { field, volume } = indispensable(manifest);
  if (manifest.fields[field]) return manifest;
  const recorded = (await checkout.text(`${app}/${volume}.docker-digest`))?.trim() ?? '';
  return isDigest(bareDigest(recorded)) ? withFields(manifest, { [field]: recorded }) : manifest;
}

/**
 * For work that goes on from the image that an app's file was made from.
 *
 * @param manifest as {@link withRecordedDigest} gives it.
 * @throws Problem when nothing says which image that is.
 */
export function requireDigest(doing: string, app: string, manifest: SourceManifest): string {
  const { field, volume } = indispensable(manifest);
  const digest = manifest.fields[field];
  if (digest) return digest;
  const rebuild = volume === baseVolume ? way.newBase(app) : way.patch(app);
  throw new Problem({
    doing,
    found: `nothing says which image ${app}/${volume} is made from: "${field}" is missing in ${app}/src.json, and ${volume}.docker-digest beside it holds no digest`,
    remedy: remedy`Restore both files from the last commit with pvr checkout, or build it from the newest image with ${rebuild}`,
  });
}

/** The digest of the image that an app's base was made from, for the src.json of apps that extend it. */
export async function imageOfBase(checkout: OpenedCheckout, app: string): Promise<string> {
  const manifest = await readDockerManifest(checkout, app);
  const known = await withRecordedDigest(checkout, app, manifest);
  return requireDigest(`looking for the base of ${app}`, app, known);
}
