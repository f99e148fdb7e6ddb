import { byteStringFromText } from '../../src/core/bytes/byte-string';
import type { Entry } from './entry';
import type { Image } from './image';
import { sha256 } from './layer';
import { configDocument } from './oci-layout';
import { tarArchive, type TarOptions } from './tar-archive';

/** An image with the names that it has in an archive: `app:v1`. */
export interface NamedImage {
  readonly image: Image;
  readonly names: readonly string[];
}

/**
 * What `docker save` wrote up to version 24: a folder for each layer, the second time that one comes as a symbolic link,
 * and manifest.json at the end.
 */
export function dockerArchive(images: readonly NamedImage[], options: TarOptions = {}): Buffer {
  return tarArchive(dockerArchiveEntries(images), options);
}

/** The same, entry by entry, for tests that change some. */
export function dockerArchiveEntries(images: readonly NamedImage[]): Entry[] {
  const entries: Entry[] = [];
  const folders = new Map<string, string>();
  const manifest = images.map(({ image, names }) => {
    const config = Buffer.from(JSON.stringify(configDocument(image)));
    const Config = `${sha256(config).slice('sha256:'.length)}.json`;
    const Layers = image.layers.map(({ tar, diffId }, at) => {
      const folder = sha256(Buffer.from(`${Config} ${at}`)).slice('sha256:'.length);
      const known = folders.get(diffId);
      entries.push(
        { path: folder, kind: 'directory' },
        { path: `${folder}/VERSION`, kind: 'file', content: '1.0' },
        known === undefined
          ? { path: `${folder}/layer.tar`, kind: 'file', content: tar }
          : { path: `${folder}/layer.tar`, kind: 'symlink', target: `../${known}/layer.tar` },
      );
      if (known === undefined) folders.set(diffId, folder);
      return `${folder}/layer.tar`;
    });
    entries.push({ path: Config, kind: 'file', content: config });
    return { Config, RepoTags: names.length === 0 ? null : names, Layers };
  });
  entries.push(
    { path: 'manifest.json', kind: 'file', content: byteStringFromText(JSON.stringify(manifest)) },
    { path: 'repositories', kind: 'file', content: '{}' },
  );
  return entries;
}
