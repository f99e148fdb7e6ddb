import path from 'node:path';
import type { ChangingCheckout } from '../../checkout/change/changing-checkout';
import { digestPlaceOf } from '../../checkout/manifests/digest-place';
import {
  extendedApp,
  type FieldChanges,
  type SourceKind,
  sourceKind,
  type SourceManifest,
} from '../../checkout/manifests/source-manifest';
import type { Image, Source } from '../../image/image';
import type { JsonObject } from '../../json/value';
import { Problem } from '../../problem';
import type { Workshop } from '../environment';
import { requireImageName } from './app-manifest';
import type { TreeSource } from './app-tree';
import { fieldsOfNewApp, fieldsOfUpdate } from './image-fields';
import { requireImageReference } from '../../image/image-reference';
import { findImage, type ImageWishes, requestForNewApp, requestForUpdate } from './image-request';
import { imageSource } from './image-tree';
import { type OtherApp, openOtherApp } from './other-app';
import { isWebAddress, openRootfs } from './rootfs-source';

/** What somebody says of what an app is to be made from. */
export interface MaterialWishes extends ImageWishes {
  /** In pvr's words; undefined: an image, or what src.json says. */
  readonly type?: SourceKind | undefined;
  /** Absolute path that a `reference` which is one starts from; undefined: the checkout. */
  readonly folder?: string | undefined;
  /** What is to replace the image's configuration, or to be it where there is no image: docker's `Cmd`, `Env` and the like. */
  readonly config?: JsonObject | undefined;
}

/** What an app is made from, found and ready to be read. */
export type Material = AsyncDisposable & { readonly source: TreeSource } & (
    | { readonly type: 'docker'; readonly image: Image; readonly sources: readonly Source[] }
    | { readonly type: 'rootfs'; readonly reference: string }
    | { readonly type: 'pvr'; readonly other: OtherApp }
  );

/** @throws Problem when there is nothing of the kind that is wished for. */
export async function materialForNewApp(
  change: ChangingCheckout,
  wishes: MaterialWishes & { readonly app: string; readonly reference: string },
  workshop: Workshop,
): Promise<Material> {
  if ((wishes.type ?? 'docker') !== 'docker') return openMaterial(change, wishes.app, wishes, workshop);
  requireImageReference(wishes.reference);
  const request = await requestForNewApp(change, wishes);
  return ofImage(await findImage(request, workshop), request.sources);
}

/**
 * What an app is made from as its src.json says it, unless somebody wishes for something else.
 *
 * @throws Problem when there is no such thing.
 */
export async function materialForUpdate(
  change: ChangingCheckout,
  app: string,
  manifest: SourceManifest,
  wishes: MaterialWishes,
  workshop: Workshop,
): Promise<Material> {
  const present = sourceKind(manifest);
  const type = wishes.type ?? present;
  const { rootfs_url: url, pvr, docker_name: name } = manifest.fields;
  const known = type === 'rootfs' ? url : type === 'pvr' ? pvr : name;
  if (
    wishes.reference === undefined &&
    (known === undefined || (type === 'docker' && present !== 'docker'))
  ) {
    if (type === 'docker' && type === present) requireImageName(app, manifest);
    throw new Problem({
      doing: `looking for what ${app} is made from`,
      found: `${app}/src.json doesn't name ${nouns[type]}`,
      remedy: 'Name it along with the kind that it is to be of',
    });
  }
  if (type === 'docker') {
    if (wishes.reference !== undefined) requireImageReference(wishes.reference);
    const request = await requestForUpdate(change, manifest, wishes);
    return ofImage(await findImage(request, workshop), request.sources);
  }
  const reference = wishes.reference ?? known ?? '';
  const folder = wishes.reference === undefined ? undefined : wishes.folder;
  return openMaterial(change, app, { ...wishes, type, reference, folder }, workshop);
}

const nouns: Record<SourceKind, string> = {
  docker: 'an image',
  rootfs: 'a root file system',
  pvr: 'another checkout',
};

async function openMaterial(
  change: ChangingCheckout,
  app: string,
  { type, reference, folder = change.directory }: MaterialWishes & { readonly reference: string },
  workshop: Workshop,
): Promise<Material> {
  if (type === 'pvr') {
    const other = await openOtherApp(reference, { folder, app }, change, workshop);
    return { type, source: other, other, [Symbol.asyncDispose]: () => other[Symbol.asyncDispose]() };
  }
  const source = await openRootfs(reference, folder, change, workshop);
  const kept = asKept(reference, folder, change.directory);
  return {
    type: 'rootfs',
    source,
    reference: kept,
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

/** For what knows an image already. */
export function ofImage(image: Image, sources: readonly Source[]): Material {
  const close = () => image[Symbol.asyncDispose]();
  return { type: 'docker', image, sources, source: imageSource(image), [Symbol.asyncDispose]: close };
}

/** As it was typed, as pvr keeps it; but one that starts from another folder than the checkout's own would lead elsewhere later. */
function asKept(reference: string, folder: string, checkoutDirectory: string): string {
  const isWhole = path.isAbsolute(reference) || reference.startsWith('~') || isWebAddress(reference);
  if (isWhole || folder === checkoutDirectory) return reference;
  return path.relative(checkoutDirectory, path.resolve(folder, reference)).split(path.sep).join('/');
}

/**
 * Of what is built, what src.json says of where it comes from, beside its digests.
 *
 * @param present undefined: of a new app.
 */
export function fieldsOfMaterial(
  material: Material,
  present: SourceManifest | undefined,
  { reference, config }: Pick<MaterialWishes, 'reference' | 'config'>,
): FieldChanges {
  const isOther = present !== undefined && sourceKind(present) !== material.type;
  const mine = present?.fields;
  switch (material.type) {
    case 'docker': {
      const { image, sources } = material;
      const merged = { config: withConfig(mine?.config, config) };
      if (present === undefined || isOther)
        return { ...withoutSource, ...fieldsOfNewApp(image, sources), ...merged };
      return { ...fieldsOfUpdate(image, present, { isRenamed: reference !== undefined }), ...merged };
    }
    case 'rootfs':
      return {
        ...(isOther && withoutSource),
        rootfs_url: material.reference,
        docker_config: withConfig(mine?.docker_config, config),
      };
    case 'pvr': {
      const theirs = material.other.manifest.fields;
      return {
        ...(isOther && withoutSource),
        docker_name: theirs.docker_name,
        docker_tag: theirs.docker_tag,
        docker_source: theirs.docker_source,
        docker_config: withConfig(theirs.docker_config, config),
        docker_platform: theirs.docker_platform,
        pvr: material.other.reference,
        // pvr would look for it there, where another machine's folders aren't.
        rootfs_url: undefined,
      };
    }
  }
}

/** What an app loses that is made from something else from now on. */
const withoutSource: FieldChanges = {
  docker_name: undefined,
  docker_tag: undefined,
  docker_source: undefined,
  docker_platform: undefined,
  pvr: undefined,
  pvr_digest: undefined,
  rootfs_url: undefined,
};

/** pvr's way to merge: each key that is given takes the place of the other. */
export function withConfig(
  own: JsonObject | undefined,
  given: JsonObject | undefined,
): JsonObject | undefined {
  return given === undefined ? own : new Map([...(own ?? []), ...given]);
}

/** The digest by which src.json knows what a file was made from: of a root file system there is none but the file's own. */
export function digestOf(material: Material, { sha256 }: { readonly sha256: string }): string {
  switch (material.type) {
    case 'docker':
      return material.image.digest;
    case 'rootfs':
      return `sha256:${sha256}`;
    case 'pvr':
      return material.other.digest;
  }
}

/** What src.json says of a base that was built. */
export function digestsOfBase(material: Material, built: { readonly sha256: string }): FieldChanges {
  const digest = digestOf(material, built);
  return material.type === 'rootfs'
    ? { docker_digest: undefined, docker_ovl_digest: undefined, rootfs_digest: digest }
    : { docker_digest: digest, docker_ovl_digest: undefined, rootfs_digest: undefined };
}

/**
 * What src.json says of an overlay that was built, over the app's own base or that of another one.
 *
 * @param builtOn the digest of what that base was made from; pvr has it in `docker_digest` of an extension app.
 */
export function digestsOfOverlay(
  material: Material,
  built: { readonly sha256: string },
  manifest: SourceManifest,
  builtOn: string,
): FieldChanges {
  const digest = digestOf(material, built);
  const overlay = { docker_ovl_digest: digest };
  if (extendedApp(manifest) === undefined) return { ...overlay, [digestPlaceOf(manifest).field]: builtOn };
  // For pvr, it is that of the file that it made.
  return {
    ...overlay,
    docker_digest: builtOn,
    rootfs_digest: material.type === 'rootfs' ? digest : undefined,
  };
}
