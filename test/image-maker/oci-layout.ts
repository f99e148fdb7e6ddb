import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Compression } from './compression';
import { compress } from './compression';
import type { Image } from './image';
import type { Layer } from './layer';
import { sha256 } from './layer';

export interface OciLayoutOptions {
  /** Of the manifests and what they name: OCI's, or those of docker's image manifest v2, schema 2. */
  readonly mediaTypes?: 'oci' | 'docker';
  /** Overrules what the layers themselves say. */
  readonly compression?: Compression;
}

/** One image, or one for each of several platforms, which then share an index. */
export type Tagged = Image | readonly Image[];

/**
 * Writes an OCI image layout (OCI image-spec, image-layout.md) with these tags to a new folder.
 * @returns the digest of each tag's manifest or index.
 */
export async function writeOciLayout(
  folder: string,
  tags: Readonly<Record<string, Tagged>>,
  { mediaTypes = 'oci', compression }: OciLayoutOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const layout: Layout = { folder, mediaTypes: mediaTypesOf[mediaTypes], compression, layers: new Map() };
  await mkdir(path.join(folder, 'blobs', 'sha256'), { recursive: true });
  const manifests: (Descriptor & { annotations: object })[] = [];
  for (const [tag, tagged] of Object.entries(tags)) {
    const descriptor = isOne(tagged) ? await writeImage(layout, tagged) : await writeIndex(layout, tagged);
    manifests.push({ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': tag } });
  }
  const index = { schemaVersion: 2, mediaType: mediaTypesOf.oci.index, manifests };
  await writeFile(path.join(folder, 'index.json'), JSON.stringify(index));
  await writeFile(path.join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return new Map(Object.keys(tags).map((tag, at) => [tag, manifests[at]?.digest ?? '']));
}

function isOne(tagged: Tagged): tagged is Image {
  return 'layers' in tagged;
}

interface Layout {
  readonly folder: string;
  readonly mediaTypes: (typeof mediaTypesOf)[keyof typeof mediaTypesOf];
  readonly compression: Compression | undefined;
  /** Those already written: images share them. */
  readonly layers: Map<Layer, Descriptor>;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const mediaTypesOf = {
  oci: {
    index: 'application/vnd.oci.image.index.v1+json',
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: {
      none: 'application/vnd.oci.image.layer.v1.tar',
      gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
      zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
      // There is no word for these; who writes them says tar, or gzip.
      xz: 'application/vnd.oci.image.layer.v1.tar',
      bzip2: 'application/vnd.oci.image.layer.v1.tar+gzip',
    },
  },
  docker: {
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: {
      none: 'application/vnd.docker.image.rootfs.diff.tar',
      gzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
      zstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
      xz: 'application/vnd.docker.image.rootfs.diff.tar',
      bzip2: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
    },
  },
} as const;

async function writeIndex(layout: Layout, images: readonly Image[]): Promise<Descriptor> {
  const manifests: object[] = [];
  for (const image of images) {
    manifests.push({ ...(await writeImage(layout, image)), platform: image.platform });
  }
  const mediaType = layout.mediaTypes.index;
  return writeJson(layout, mediaType, { schemaVersion: 2, mediaType, manifests });
}

async function writeImage(layout: Layout, image: Image): Promise<Descriptor> {
  const layers: Descriptor[] = [];
  for (const layer of image.layers) layers.push(await writeLayer(layout, layer));
  const mediaType = layout.mediaTypes.manifest;
  const config = await writeJson(layout, layout.mediaTypes.config, configDocument(image));
  return writeJson(layout, mediaType, { schemaVersion: 2, mediaType, config, layers });
}

/** OCI image-spec, config.md; docker's differs in nothing that is written here. */
export function configDocument({ platform, config, created, layers }: Image): object {
  return {
    created,
    ...platform,
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map((_, at) => ({ created, created_by: `layer ${at + 1}` })),
  };
}

async function writeLayer(layout: Layout, layer: Layer): Promise<Descriptor> {
  const compression = layout.compression ?? layer.compression;
  const descriptor =
    layout.layers.get(layer) ??
    (await writeBlob(layout, layout.mediaTypes.layer[compression], compress(layer.tar, compression)));
  layout.layers.set(layer, descriptor);
  return descriptor;
}

async function writeJson(layout: Layout, mediaType: string, document: object): Promise<Descriptor> {
  return writeBlob(layout, mediaType, Buffer.from(JSON.stringify(document)));
}

async function writeBlob({ folder }: Layout, mediaType: string, bytes: Buffer): Promise<Descriptor> {
  const digest = sha256(bytes);
  const file = path.join(folder, 'blobs', ...digest.split(':'));
  await writeFile(file, bytes);
  return { mediaType, digest, size: bytes.length };
}
