import path from 'node:path';
import type { ByteString } from '../../bytes/byte-string';
import { formatOptionsOf } from '../../checkout/hashes/recipe';
import type { SourceManifest } from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import type { OpenedCheckout } from '../../checkout/opened-checkout';
import type { Image } from '../../image/image';
import { Problem } from '../../problem';
import { encodingId, type SquashfsFormat } from '../../squashfs/compression';
import { pathsToLeaveOut } from '../../squashfs/format-options';
import type { Workshop } from '../environment';
import { readDockerManifest } from './app-manifest';
import { isMadeFrom, isRight, presentFormat } from './is-made-from';
import { imageOfBase } from './recorded-digests';
import { formatOf, leftOutOf } from './squashfs-format';

/**
 * Whether a build would give what is there: the same image, and the bytes that it gave, without the paths that `format_options` leave
 * out; for an overlay, the same base below it; and for a base, the compression that they ask for.
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
  if (!(await leavesOutTheSame(checkout, { app, volume, manifest }))) return false;
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

/** Also where nobody knows what was left out of the present file. */
async function leavesOutTheSame(
  checkout: OpenedCheckout,
  {
    app,
    volume,
    manifest,
  }: { readonly app: string; readonly volume: string; readonly manifest: SourceManifest },
): Promise<boolean> {
  const [state, hashes] = await Promise.all([checkout.state(), checkout.hashes()]);
  const sha256 = await hashes.known(`${app}/${volume}`);
  if (sha256 === undefined) return true;
  const before = formatOptionsOf({ app, volume, sha256 }, { state, hashes });
  const wanted = asSet(leftOutOf(manifest));
  return before.length === 0 || before.some((text) => asSet(leftOutBy(text)) === wanted);
}

/** Options that were understood by another version of this program, or by pvr alone, say nothing. */
function leftOutBy(text: string): readonly ByteString[] {
  try {
    return pathsToLeaveOut(text);
  } catch (problem) {
    if (problem instanceof Problem) return [];
    throw problem;
  }
}

/** Equal for the same paths in whatever order. */
function asSet(paths: readonly ByteString[]): string {
  return JSON.stringify([...new Set(paths)].sort());
}
