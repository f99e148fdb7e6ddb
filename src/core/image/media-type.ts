/** Media types of the OCI image spec 1.1 (media-types.md) and of docker's image manifest v2, schema 2. */
export const mediaTypes = {
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
} as const;

/** For a request for a manifest: a line of Accept for each, as docker and skopeo send them; some registries read no commas. */
export const acceptedManifests = [
  mediaTypes.ociIndex,
  mediaTypes.dockerManifestList,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
] as const;

export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerManifestList;
}

export function isImageManifestType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociManifest || mediaType === mediaTypes.dockerManifest;
}

/** The last four stand for nothing in particular: old pushes and registries left them (moby/moby#22378, #30083). */
const configTypes: ReadonlySet<string> = new Set([
  mediaTypes.dockerConfig,
  mediaTypes.ociConfig,
  'application/octet-stream',
  'application/json',
  'text/html',
  '',
]);

export function isImageConfigType(mediaType: string): boolean {
  return configTypes.has(mediaType);
}

export type LayerCompression = 'none' | 'gzip' | 'zstd';

export interface LayerType {
  readonly compression: LayerCompression;
  /** A registry need not hold it ("foreign" in docker's words, "nondistributable" in OCI's). */
  readonly foreign: boolean;
}

const ociLayer = /^application\/vnd\.oci\.image\.layer\.(nondistributable\.)?v1\.tar(?:\+(gzip|zstd))?$/;
const dockerLayer = /^application\/vnd\.docker\.image\.rootfs\.(foreign\.)?diff\.tar(?:\.(gzip|zstd))?$/;

/** What a layer's media type says, or undefined when it is not a layer of a file system (or an encrypted one). */
export function parseLayerType(mediaType: string): LayerType | undefined {
  const match = ociLayer.exec(mediaType) ?? dockerLayer.exec(mediaType);
  if (match === null) return undefined;
  const [, foreign, compression] = match;
  return {
    compression: compression === 'gzip' || compression === 'zstd' ? compression : 'none',
    foreign: foreign !== undefined,
  };
}
