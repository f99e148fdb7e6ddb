import type { Job } from '../job';
import { Problem } from '../problem';
import type { Digest, ExpectedContent } from './digest';
import { parseImageConfig, settingsOf } from './image-config';
import type { LayerStore, StoredImage } from './layer';
import {
  type Descriptor,
  type ImageManifest,
  type IndexEntry,
  type LayerDescriptor,
  type ManifestRemedies,
  parseManifest,
} from './manifest';
import { isIndexType } from './media-type';
import type { ImageWish, Wish } from './parsed-request';
import {
  choosePlatform,
  formatPlatform,
  fulfils,
  imagesAmong,
  mayNeedMore,
  type Platform,
  requirePlatform,
} from './platform';
import { familiarReference } from './reference';

/** Where manifests, configs and layers lie under their digests: a registry, or an OCI image layout. */
export interface ContentStore {
  /** A manifest or index; checked. */
  manifest(content: ExpectedContent, job: Job): Promise<Buffer>;
  /** An image's config; checked. */
  config(descriptor: Descriptor, job: Job): Promise<Buffer>;
  layer(descriptor: LayerDescriptor, diffId: Digest): LayerStore;
  /** Whether a manifest is there: archives often hold one of the images that their index lists. */
  holds(digest: Digest): Promise<boolean>;
  /** For manifests there that can't be used. */
  readonly remedies: ManifestRemedies;
}

/** What a source tells of an image; the rest is what was asked for. */
export type ImageParts = Pick<StoredImage, 'digest' | 'platform' | 'matchedPlatform' | 'config' | 'layers'>;

/** The manifest of one image. */
export interface ChosenManifest extends ExpectedContent {
  /** As the index says that it was chosen from; undefined when there was none, or it doesn't say. */
  readonly platform: Platform | undefined;
}

/**
 * Follows `content` through indexes, as far as there are any, to the manifest of the image that fulfils the wish. An image's
 * own manifest is read only when nothing else tells that it is one.
 *
 * @throws Problem when nothing there fulfils the wish, or it would have to be guessed.
 */
export async function chooseManifest(
  content: ExpectedContent,
  wish: ImageWish,
  store: ContentStore,
  job: Job,
): Promise<ChosenManifest> {
  const what = familiarReference(wish.reference);
  const manifest = parseManifest(await store.manifest(content, job), what, store.remedies);
  if (manifest.kind === 'image') return { ...content, platform: undefined };
  return chooseAmong(manifest.manifests, wish, store, job);
}

/** As {@link chooseManifest}, among the entries of an index. */
export async function chooseAmong(
  entries: readonly IndexEntry[],
  wish: ImageWish,
  store: ContentStore,
  job: Job,
): Promise<ChosenManifest> {
  const present = await Promise.all(entries.map(({ digest }) => store.holds(digest)));
  const candidates = entries.filter((_, at) => present[at]);
  const doing = `choosing the image of ${familiarReference(wish.reference)}`;
  if (candidates.length === 0 && entries.length > 0) {
    throw new Problem({
      doing,
      found: 'none of the images that its index lists is there',
      remedy: 'Make the archive again, with the platform that is wanted',
    });
  }
  const chosen = choosePlatform(
    wish.platforms.length === 0 ? candidates : await withPlatforms(candidates, wish, store, job),
    wish.platforms,
    doing,
  );
  if (chosen.platform !== undefined && !isIndexType(chosen.mediaType)) return chosen;
  return chooseManifest(chosen, wish, store, job);
}

/** No index of images lists so many without a platform; a hostile one can't make more requests than this. */
const mostConfigs = 16;

/** Where several entries name no platform, or one beside others that don't fit, the images themselves are asked. */
async function withPlatforms(
  entries: readonly IndexEntry[],
  wish: ImageWish,
  store: ContentStore,
  job: Job,
): Promise<readonly IndexEntry[]> {
  const images = imagesAmong(entries);
  const silent = images.filter(
    ({ platform, mediaType }) => platform === undefined && !isIndexType(mediaType),
  );
  const isNamed = images.some(({ platform }) => wish.platforms.some((each) => fulfils(platform, each)));
  if (isNamed || images.length === 1 || silent.length === 0 || silent.length > mostConfigs) return entries;
  const what = familiarReference(wish.reference);
  const told = new Map<IndexEntry, IndexEntry>();
  for (const entry of silent) {
    const manifest = parseManifest(await store.manifest(entry, job), what, store.remedies);
    if (manifest.kind !== 'image') continue;
    const { platform } = parseImageConfig(await store.config(manifest.config, job), what);
    told.set(entry, { ...entry, platform });
  }
  return entries.map((entry) => told.get(entry) ?? entry);
}

/** @throws Problem when an image that no index vouches for does not fulfil the wish. */
export async function requireFulfilled(
  chosen: ChosenManifest,
  wish: ImageWish,
  store: ContentStore,
  job: Job,
): Promise<void> {
  // An index was asked already; without wishes everything will do.
  if (chosen.platform === undefined && wish.platforms.length > 0) await readImage(chosen, wish, store, job);
}

/** What a manifest and its config say about an image, with its layers in `store`. */
export async function readImage(
  chosen: ChosenManifest,
  wish: ImageWish,
  store: ContentStore,
  job: Job,
): Promise<Omit<ImageParts, 'digest'>> {
  const what = familiarReference(wish.reference);
  const manifest = parseManifest(await store.manifest(chosen, job), what, store.remedies);
  const contradiction = (found: string) =>
    new Problem({ doing: `reading the image ${what}`, found, remedy: store.remedies.broken });
  if (manifest.kind === 'index') throw contradiction('its index calls another index an image');
  const config = parseImageConfig(await store.config(manifest.config, job), what);
  if (config.diffIds.length !== manifest.layers.length) {
    throw contradiction(
      `its manifest has ${manifest.layers.length} layers and its config ${config.diffIds.length}`,
    );
  }
  const platform = chosen.platform ?? config.platform;
  const fulfilled = requirePlatform(platform, wish.platforms, `checking the platform of ${what}`);
  if (fulfilled !== undefined && mayNeedMore(platform, fulfilled)) warnOfVariant(fulfilled, what, job);
  warnOfOtherPlatform(chosen.platform, config.platform, what, job);
  return {
    platform,
    matchedPlatform: fulfilled?.text,
    config: settingsOf(config),
    layers: layersOf(manifest, config.diffIds, store),
  };
}

function layersOf({ layers }: ImageManifest, diffIds: readonly Digest[], store: ContentStore): LayerStore[] {
  return layers.flatMap((descriptor, at) => {
    const diffId = diffIds[at];
    return diffId === undefined ? [] : [store.layer(descriptor, diffId)];
  });
}

export function warnOfVariant(wanted: Wish, what: string, job: Job): void {
  job.warn(
    `${what} says arm and no variant, which means v7 to docker; whether it runs on ${wanted.text}, only a try can tell.`,
  );
}

/** `docker manifest annotate` puts right in an index what a config has wrong, so the index counts. */
function warnOfOtherPlatform(
  indexed: Platform | undefined,
  configured: Platform | undefined,
  what: string,
  job: Job,
): void {
  if (indexed === undefined || configured === undefined) return;
  if (indexed.os === configured.os && indexed.architecture === configured.architecture) return;
  job.warn(
    `The index of ${what} offers this image for ${formatPlatform(indexed)}, and the image itself says ${formatPlatform(configured)}; the index is believed.`,
  );
}
