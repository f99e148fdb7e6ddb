import type { Entry } from './entry';
import type { Layer, LayerOptions } from './layer';
import { makeLayer } from './layer';

/** The keys of OCI image-spec, config.md, that people set in a Dockerfile; in its spelling. */
export interface ContainerConfig {
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Env?: readonly string[];
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export interface Image {
  /** The lowest first. */
  readonly layers: readonly Layer[];
  readonly platform: Platform;
  readonly config: ContainerConfig;
  /** RFC 3339. */
  readonly created: string;
}

export function makeImage(layers: readonly Layer[], options: Partial<Omit<Image, 'layers'>> = {}): Image {
  return {
    layers,
    platform: { os: 'linux', architecture: 'arm64' },
    config: { Cmd: ['/bin/sh'] },
    created: '2024-01-02T03:04:05Z',
    ...options,
  };
}

/** What `FROM image` and one more step make: the same layers and one above them. */
export function derive(
  image: Image,
  entries: readonly Entry[],
  { config = {}, ...layer }: LayerOptions & { readonly config?: ContainerConfig } = {},
): Image {
  return {
    ...image,
    layers: [...image.layers, makeLayer(entries, layer)],
    config: { ...image.config, ...config },
  };
}
