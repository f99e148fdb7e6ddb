import * as z from 'zod';
import type { Job } from '../../job';
import { type Digest, digestOf } from '../digest';
import { parseImageConfig, settingsOf } from '../image-config';
import { checkDocument, parseJsonBytes } from '../json-document';
import type { LayerStore } from '../layer';
import { type ImageParts, warnOfVariant } from '../manifest-image';
import type { ImageWish } from '../parsed-request';
import { mayNeedMore, requirePlatform } from '../platform';
import { familiarReference } from '../reference';
import { type ArchiveFiles, readDocument, requireFile } from './archive-files';
import { archiveProblem } from './archive-problem';
import { selectByName } from './names';

/** The list of the images in what `docker save` writes (moby, image/spec/v1.2.md, "Combined Image JSON"). */
export const dockerManifest = 'manifest.json';

/** One of its images: the paths of its config and, lowest first, of its layers. */
export interface SavedImage {
  readonly config: string;
  readonly names: readonly string[];
  readonly layers: readonly string[];
}

const savedImages = z.array(
  z
    .object({
      Config: z.string(),
      RepoTags: z.array(z.string()).nullish(),
      Layers: z
        .array(z.string())
        .nullish()
        .transform((layers) => layers ?? []),
    })
    .transform(({ Config, RepoTags, Layers }): SavedImage => ({
      config: Config,
      names: RepoTags ?? [],
      layers: Layers,
    })),
);

/** @throws Problem when the bytes are no such list. */
export function parseSavedImages(bytes: Uint8Array, archive: string): readonly SavedImage[] {
  const context = {
    doing: `reading ${dockerManifest} in ${archive}`,
    remedy: 'Make the archive again with a current docker, podman or skopeo',
  };
  return checkDocument(savedImages, parseJsonBytes(bytes, context), context);
}

/**
 * Finds an image by its name in an archive of `docker save`. It is known by its ID alone: the archive has no manifests as
 * registries have them.
 *
 * @param archive for messages.
 */
export async function openDockerArchive(
  files: ArchiveFiles,
  archive: string,
  wish: ImageWish,
  job: Job,
): Promise<ImageParts> {
  const { reference } = wish;
  const what = familiarReference(reference);
  if (reference.digest !== undefined) {
    throw archiveProblem(archive, `it is in docker's format, which has no digest to find ${what} by`, {
      remedy: 'Name the image by its tag, or make an OCI archive',
    });
  }
  const images = parseSavedImages(await readDocument(files, dockerManifest, archive), archive);
  const named = images.map((image) => ({ image, names: image.names }));
  const [saved, ...others] = selectByName(named, reference, archive, job);
  if (saved === undefined || others.length > 0) {
    throw archiveProblem(archive, `it holds ${images.length} images, and does not say which is ${what}`, {
      remedy: 'Save the image alone: docker save -o FILE NAME:TAG',
    });
  }
  const bytes = await readDocument(files, saved.config, archive);
  const id = imageId(saved.config, bytes, archive);
  const config = parseImageConfig(bytes, what);
  if (config.diffIds.length !== saved.layers.length) {
    throw archiveProblem(
      archive,
      `it lists ${saved.layers.length} layers for ${what}, and the image has ${config.diffIds.length}`,
    );
  }
  const fulfilled = requirePlatform(config.platform, wish.platforms, `checking the platform of ${what}`);
  if (fulfilled !== undefined && mayNeedMore(config.platform, fulfilled)) warnOfVariant(fulfilled, what, job);
  return {
    digest: id,
    platform: config.platform,
    matchedPlatform: fulfilled?.text,
    config: settingsOf(config),
    layers: await Promise.all(
      saved.layers.flatMap((name, at) => {
        const diffId = config.diffIds[at];
        return diffId === undefined ? [] : [layerOf(files, name, diffId, archive)];
      }),
    ),
  };
}

/** The digest of the config, which its name should tell: `12ab….json`, `blobs/sha256/12ab…`. */
function imageId(name: string, bytes: Buffer, archive: string): Digest {
  const id = digestOf(bytes);
  const promised = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1];
  if (promised === undefined || id === `sha256:${promised}`) return id;
  throw archiveProblem(archive, `the config that is named ${promised} has the digest ${id}`);
}

async function layerOf(
  files: ArchiveFiles,
  name: string,
  diffId: Digest,
  archive: string,
): Promise<LayerStore> {
  const file = await requireFile(files, name, archive);
  return { diffId, size: file.size, bring: () => Promise.resolve(file) };
}
