import { bareDigest } from '../../checkout/manifests/same-digest';
import { baseDigestOf, digestPlaceOf } from '../../checkout/manifests/digest-place';
import { sourceKind, type SourceManifest, withFields } from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import type { OpenedCheckout } from '../../checkout/opened-checkout';
import { isDigest } from '../../image/digest';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import type { Workshop } from '../environment';
import { readAnyManifest, requireBaseFile } from './app-manifest';
import { recordedBeside } from './is-made-from';

/** Which SquashFS file an app can't be without, and the field of its src.json that names the image of that file. */
function indispensable(manifest: SourceManifest) {
  return manifest.fields.base
    ? ({ field: 'docker_ovl_digest', volume: overlayVolume } as const)
    : ({ field: digestPlaceOf(manifest).field, volume: baseVolume } as const);
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
  const file = `${app}/${volume}${digestPlaceOf(manifest).suffix}`;
  const recorded = (await checkout.text(file))?.trim() ?? '';
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
    found: `nothing says which image ${app}/${volume} is made from: "${field}" is missing in ${app}/src.json, and ${volume}${digestPlaceOf(manifest).suffix} beside it holds no digest`,
    remedy: remedy`Restore both files from the last commit with pvr checkout, or build it from the newest image with ${rebuild}`,
  });
}

/**
 * The digest of what an app's base was made from, for the src.json of apps that extend it; where nothing says that, as of containers
 * that were made elsewhere, the sha256 of the file itself.
 *
 * @throws Problem when it is made from an image and nothing says which; when there is no such file.
 */
export async function digestOfBase(
  checkout: OpenedCheckout,
  app: string,
  { pool, job }: Pick<Workshop, 'pool' | 'job'>,
): Promise<string> {
  const manifest = await readAnyManifest(checkout, app);
  const known = manifest && (await withRecordedDigest(checkout, app, manifest));
  if (known !== undefined && sourceKind(known) === 'docker' && known.fields.docker_name)
    return requireDigest(`looking for the base of ${app}`, app, known);
  const [beside] = await recordedBeside(checkout, `${app}/${baseVolume}`);
  const recorded = (known && baseDigestOf(known)) ?? beside;
  if (recorded !== undefined) return recorded;
  return `sha256:${await pool.hashFile(await requireBaseFile(checkout, app), job.signal)}`;
}

/** What base and overlay show together was made from this. */
export function installedDigest(manifest: SourceManifest): string {
  return manifest.fields.docker_ovl_digest ?? baseDigestOf(manifest) ?? '';
}
