import { createHash } from 'node:crypto';
import type { Entry } from './entry';
import type { TarOptions } from './tar-archive';
import { tarArchive } from './tar-archive';
import type { Compression } from './compression';

/** A layer before compression; how it is stored is up to who writes it. */
export interface Layer {
  readonly tar: Buffer;
  /** Of the tar archive: `sha256:…`. */
  readonly diffId: string;
  readonly compression: Compression;
}

export interface LayerOptions extends TarOptions {
  /** How the layer is stored in a registry; without it `gzip`. */
  readonly compression?: Compression;
}

export function makeLayer(entries: readonly Entry[], options: LayerOptions = {}): Layer {
  return layerFromTar(tarArchive(entries, options), options.compression);
}

export function layerFromTar(tar: Buffer, compression: Compression = 'gzip'): Layer {
  return { tar, diffId: sha256(tar), compression };
}

/** As registries write it: `sha256:12ab…`. */
export function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
