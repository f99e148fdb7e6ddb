import { readPlatforms } from '../../checkout/manifests/platforms';
import type { SourceManifest } from '../../checkout/manifests/source-manifest';
import type { OpenedCheckout } from '../../checkout/opened-checkout';
import type { Image, ImageRequest, Source } from '../../image/image';
import { parseSources } from '../../image/source-list';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import type { Workshop } from '../environment';

/** pvr's own (cmdappadd.go:165-170). */
export const defaultSources = 'remote,local';

/** What a person says about an image in place of what src.json or the checkout does. */
export interface ImageWishes {
  readonly reference?: string | undefined;
  /** `remote,local`, `archive:PATH`. */
  readonly sources?: string | undefined;
  /** `linux/arm64`. */
  readonly platform?: string | undefined;
}

/** The image of an app that is about to be added. */
export async function requestForNewApp(
  checkout: OpenedCheckout,
  wishes: ImageWishes & { readonly reference: string },
): Promise<ImageRequest> {
  return {
    reference: wishes.reference,
    sources: parseSources(wishes.sources ?? defaultSources),
    platforms: await platformsFor(checkout, wishes.platform),
  };
}

/** The image that an app's tag names now, unless somebody wishes for another one. */
export async function requestForUpdate(
  checkout: OpenedCheckout,
  { fields }: SourceManifest,
  wishes: ImageWishes,
): Promise<ImageRequest> {
  const { docker_name: name = '', docker_tag: tag } = fields;
  return {
    reference: wishes.reference ?? (tag ? `${name}:${tag}` : name),
    sources: parseSources(wishes.sources ?? fields.docker_source ?? defaultSources),
    platforms: await platformsFor(checkout, wishes.platform ?? fields.docker_platform),
  };
}

/**
 * The very image that a file of an app was made from.
 * @param digest as src.json has it: `nginx@sha256:…`.
 * @param where to look for it in place of the app's own sources, or before them.
 * @throws Problem when it is known by an ID alone, which only the docker that built it could resolve.
 */
export async function requestForDigest(
  checkout: OpenedCheckout,
  app: string,
  { fields }: SourceManifest,
  digest: string,
  where: { readonly sources?: string | undefined; readonly first?: readonly Source[] },
): Promise<ImageRequest> {
  if (!digest.includes('@')) {
    throw new Problem({
      doing: `looking for the image of ${app}`,
      found: `src.json knows it only by its ID (${digest}), because it was built here and never pushed`,
      remedy: remedy`Push it to a registry, then run ${way.update(app)}`,
    });
  }
  return {
    reference: digest,
    sources: [
      ...(where.first ?? []),
      ...parseSources(where.sources ?? fields.docker_source ?? defaultSources),
    ],
    platforms: await platformsFor(checkout, fields.docker_platform),
  };
}

async function platformsFor(
  checkout: OpenedCheckout,
  platform: string | undefined,
): Promise<readonly string[]> {
  if (platform) return [platform];
  return readPlatforms(checkout, await checkout.state());
}

/** Finds the image that is asked for. @throws Problem when there is none. */
export function findImage(
  request: ImageRequest,
  { images, job }: Pick<Workshop, 'images' | 'job'>,
): Promise<Image> {
  job.progress('resolve', 0, undefined);
  return images.find(request, job);
}
