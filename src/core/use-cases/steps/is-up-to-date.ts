import path from 'node:path';
import type { ByteString } from '../../bytes/byte-string';
import { formatOptionsOf } from '../../checkout/hashes/recipe';
import { baseDigestOf } from '../../checkout/manifests/digest-place';
import { extendedApp, sourceKind, type SourceManifest } from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import type { OpenedCheckout } from '../../checkout/opened-checkout';
import type { Image } from '../../image/image';
import { Problem } from '../../problem';
import { differences } from '../../rootfs/differences';
import type { Hashed, RegularFile } from '../../rootfs/tree';
import { encodingId, type SquashfsFormat } from '../../squashfs/compression';
import { pathsToLeaveOut } from '../../squashfs/format-options';
import type { Workshop } from '../environment';
import { readAnyManifest } from './app-manifest';
import type { AppTree, TreeSource } from './app-tree';
import { openPresentBase } from './base-contents';
import { isMadeFrom, isRight, presentFormat } from './is-made-from';
import type { Material } from './material';
import { digestOfBase } from './recorded-digests';
import { formatOf, leftOutOf } from './squashfs-format';
import { stackedTree, storedTree } from './stacked-tree';

/** Whether a build would give what is there. */
export async function isUpToDate(
  checkout: OpenedCheckout,
  app: string,
  manifest: SourceManifest,
  kind: 'patch' | 'new-base',
  material: Material,
  workshop: Workshop,
): Promise<boolean> {
  if (material.type !== sourceKind(manifest)) return false;
  switch (material.type) {
    case 'docker':
      return isOfImage(checkout, app, manifest, kind, material.image, workshop);
    case 'rootfs':
      return showsTree(checkout, app, manifest, kind, material.source, workshop);
    case 'pvr':
      // All of its files are compared one by one where it is copied.
      return kind === 'patch' && showsTree(checkout, app, manifest, kind, material.source, workshop);
  }
}

/**
 * Whether what is there shows the very tree, on the base that it was made for, and compressed as is wished for. What no digest knows
 * has to be looked at.
 */
async function showsTree(
  checkout: OpenedCheckout,
  app: string,
  manifest: SourceManifest,
  kind: 'patch' | 'new-base',
  source: TreeSource,
  workshop: Workshop,
): Promise<boolean> {
  const { docker_digest: digest, docker_ovl_digest: overlayDigest } = manifest.fields;
  const extended = extendedApp(manifest);
  const hasOverlay = extended !== undefined || Boolean(overlayDigest);
  if (kind === 'new-base' && hasOverlay) return false;
  await using base = await openPresentBase(checkout, extended ?? app, workshop);
  if (base === undefined) return false;
  const isBaseRight =
    extended === undefined
      ? sourceKind(manifest) !== 'rootfs' || baseDigestOf(manifest) === `sha256:${base.cacheKey}`
      : (await digestOfBase(checkout, extended, workshop)) === digest;
  if (!isBaseRight) return false;
  if (!hasOverlay) {
    const present = await storedTree(base, workshop);
    return (
      (await isSameTree(present, source, manifest, workshop)) &&
      (kind === 'patch' || isWanted(base.reader.format, manifest))
    );
  }
  await using overlay = await openPresentBase(checkout, app, workshop, overlayVolume);
  if (overlay === undefined) return false;
  return await isSameTree(await stackedTree(base, overlay, workshop), source, manifest, workshop);
}

async function isSameTree(
  present: AppTree<Hashed>,
  source: TreeSource,
  manifest: SourceManifest,
  workshop: Workshop,
): Promise<boolean> {
  const wanted = await source.read(leftOutOf(manifest), workshop);
  const sameContent = (a: RegularFile<Hashed>, b: RegularFile<Hashed>) =>
    a.content.sha256 === b.content.sha256;
  return differences(present.root, wanted.root, sameContent).length === 0;
}

/**
 * Whether a build would give what is there: the same image, and the bytes that it gave, without the paths that `format_options` leave
 * out; for an overlay, the same base below it; and for a base, the compression that they ask for.
 */
async function isOfImage(
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
  if ((await digestOfBase(checkout, base, workshop)) !== digest) return false;
  const ofBase = await readAnyManifest(checkout, base);
  return ofBase === undefined || areRight(base, ofBase, baseVolume);
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
