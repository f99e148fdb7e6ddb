import { createHash } from 'node:crypto';
import { ByteReader } from '../bytes/byte-reader';
import type { Job } from '../job';
import { Problem } from '../problem';
import { storedSize } from '../tar/sparse';
import type { LayerContent } from './open-tree';
import { expandedContent } from './stored-content';
import type { FileContent, RegularFile } from './tree';

/** A way to the uncompressed tar archive of a layer. */
export interface LayerSource {
  /** Costs nothing until the first chunk is asked for. */
  open(): AsyncIterable<Uint8Array>;
}

/** The order of {@link streamContents}. */
export function inLayerOrder(
  files: readonly RegularFile<LayerContent>[],
): readonly RegularFile<LayerContent>[] {
  return [...new Set(files)].sort(
    ({ content: a }, { content: b }) => a.layer - b.layer || a.offset - b.offset,
  );
}

/**
 * The contents of the wanted files in the order in which they lie in the layers, lowest layer first. Each layer is read at
 * most once, only as far as something is wanted from it, and not at all if nothing is.
 *
 * Each file's chunks must be read to their end before the next file is asked for; nobody may write to them. Throws a
 * `Problem` if a content is not the one that the layer's index promised.
 */
export async function* streamContents(
  layers: readonly LayerSource[],
  wanted: readonly RegularFile<LayerContent>[],
  job: Job,
): AsyncGenerator<FileContent<LayerContent>, void, undefined> {
  const inOrder = inLayerOrder(wanted);
  for (const [number, source] of layers.entries()) {
    const files = inOrder.filter(({ content }) => content.layer === number);
    if (files.length > 0) yield* layerContents(source, files, job);
  }
}

async function* layerContents(
  source: LayerSource,
  files: readonly RegularFile<LayerContent>[],
  job: Job,
): AsyncGenerator<FileContent<LayerContent>, void, undefined> {
  const reader = new ByteReader(source.open(), () => job.signal.throwIfAborted());
  try {
    for (const file of files) {
      // An empty file is no reason to read, and perhaps download, its layer.
      if (storedSize({ ...file.content, size: file.size }) > 0) await reader.skipTo(file.content.offset);
      yield { file, chunks: checkedContent(reader, file, job) };
    }
  } finally {
    await reader.close();
  }
}

async function* checkedContent(
  reader: ByteReader,
  file: RegularFile<LayerContent>,
  job: Job,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  for await (const chunk of expandedContent(reader, { ...file.content, size: file.size })) {
    job.signal.throwIfAborted();
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') === file.content.sha256) return;
  throw new Problem({
    doing: 'reading files from a layer of the image',
    found: 'the layer holds something else than it did before',
    remedy: 'Try again; if the problem stays, clear the cache and pull the image again',
  });
}
