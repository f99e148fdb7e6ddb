import * as z from 'zod';
import { Problem } from '../problem';
import { isDigest, type Digest } from './digest';
import { checkDocument, parseJsonBytes, type DocumentContext } from './json-document';
import {
  isImageConfigType,
  isImageManifestType,
  isIndexType,
  mediaTypes,
  parseLayerType,
  type LayerType,
} from './media-type';
import { normalizePlatform, type Platform } from './platform';

/** Points to a blob or manifest (OCI image spec 1.1, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

export interface LayerDescriptor extends Descriptor, LayerType {}

export interface IndexEntry extends Descriptor {
  readonly platform: Platform | undefined;
  /** In an OCI image layout, where images have no other names, they tell what an image is called. */
  readonly annotations: Readonly<Record<string, string>>;
  /** It says of itself that it is no image. */
  readonly isArtifact: boolean;
}

/** One image for one platform. */
export interface ImageManifest {
  readonly kind: 'image';
  readonly mediaType: string;
  readonly config: Descriptor;
  /** Lowest first. */
  readonly layers: readonly LayerDescriptor[];
}

/** An OCI index or docker manifest list: an image for each of several platforms. */
export interface ImageIndex {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly IndexEntry[];
}

const digestSchema = z.string().refine(isDigest, { message: 'it is not a sha256 or sha512 digest' });

const descriptorSchema = z.object({
  mediaType: z.string().default(''),
  digest: digestSchema,
  size: z.int().nonnegative(),
});

const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** The spec asks for system and architecture; where either is missing, the entry names no platform. */
const platformSchema = z
  .object({ os: optionalText, architecture: optionalText, variant: optionalText })
  .transform(({ os, architecture, variant }) =>
    os === '' || architecture === '' ? undefined : normalizePlatform({ os, architecture, variant }),
  );

const entrySchema = descriptorSchema
  .extend({
    platform: platformSchema.nullish().catch(undefined),
    artifactType: optionalText.catch(''),
    annotations: z.record(z.string(), z.string()).nullish().catch(undefined),
  })
  .transform(({ platform, annotations, artifactType, ...descriptor }) => ({
    ...descriptor,
    annotations: annotations ?? {},
    platform: platform ?? undefined,
    // What BuildKit, docker and others attach to images, such as signatures and lists of what they are made of.
    isArtifact: artifactType !== '' || annotations?.['vnd.docker.reference.type'] !== undefined,
  }));

const imageSchema = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema) });

/** docker 25.0 writes `null` for none (moby/moby#47210). */
const indexSchema = z.object({
  manifests: z
    .array(entrySchema)
    .nullable()
    .transform((entries) => entries ?? []),
});

/** What tells the kinds of manifests apart; registries often send a wrong Content-Type, so only the document counts. */
const outlineSchema = z.looseObject({
  schemaVersion: z.number().optional(),
  mediaType: z.string().default(''),
  artifactType: z.string().optional(),
});

/** What to do about a manifest that can't be used; it depends on where that lay. */
export interface ManifestRemedies {
  /** For what isn't even JSON, and so was never made as a manifest. */
  readonly noJson: string;
  /** For one that was made wrongly. */
  readonly broken: string;
}

/**
 * Reads a docker schema 2 or OCI manifest, manifest list or index.
 *
 * @param what the image, for messages: `nginx:1.25`.
 * @throws Problem when it is none of these, contradicts itself, or is not a container image.
 */
export function parseManifest(
  bytes: Uint8Array,
  what: string,
  remedies: ManifestRemedies,
): ImageManifest | ImageIndex {
  const context: DocumentContext = { doing: `reading the manifest of ${what}`, remedy: remedies.broken };
  const problem = (found: string, remedy = context.remedy) =>
    new Problem({ doing: context.doing, found, remedy });

  const document = parseJsonBytes(bytes, { ...context, remedy: remedies.noJson });
  const outline = checkDocument(outlineSchema, document, context);
  if (outline.schemaVersion === 1 || 'fsLayers' in outline) {
    throw problem('it is in the format of docker before 1.10 (manifest schema 1), which has been retired');
  }
  const { mediaType } = outline;
  const listsManifests = 'manifests' in outline;
  const listsLayers = 'layers' in outline;
  // A document that can be read as both is an attack (CVE-2021-41190).
  if (
    (listsManifests && listsLayers) ||
    (listsManifests && isImageManifestType(mediaType)) ||
    (listsLayers && isIndexType(mediaType))
  ) {
    throw problem('it contradicts itself: it can be read both as an image and as a list of images');
  }
  if (listsManifests) {
    const { manifests } = checkDocument(indexSchema, document, context);
    return { kind: 'index', mediaType: mediaType || mediaTypes.ociIndex, manifests };
  }
  if (!listsLayers) throw problem('it is neither an image nor a list of images');

  const { config, layers } = checkDocument(imageSchema, document, context);
  if (!isImageConfigType(config.mediaType)) {
    const kind = (outline.artifactType ?? config.mediaType).slice(0, 100);
    throw problem(`it is not a container image but "${kind}"`, 'Choose the reference of a container image');
  }
  return {
    kind: 'image',
    mediaType: mediaType || mediaTypes.ociManifest,
    config,
    layers: layers.map((layer) => {
      const type = parseLayerType(layer.mediaType);
      if (type !== undefined) return { ...layer, ...type };
      throw problem(`it has a layer of the unknown type "${layer.mediaType.slice(0, 100)}"`);
    }),
  };
}
