import type { Job } from '../../job';
import { type Directory, type FileContent, type Hashed, type RegularFile, walk } from '../../rootfs/tree';
import { encodingId, type SquashfsFormat } from '../../squashfs/compression';
import { PackedBlocks } from '../../squashfs/packed-blocks';
import type { BlockContent, SquashfsReader } from '../../squashfs/reader';
import { type FilePair, inSameBytes } from '../../squashfs/same-bytes';
import type { AppTree } from './app-tree';
import type { Base } from './base-contents';
import type { DerivedCache } from './derived-cache';

/** A base from which the next one can take what hasn't changed. */
export interface ReusableBase {
  readonly reader: SquashfsReader;
  readonly blocks: PackedBlocks;
}

const encodingKind = 'encoding-1';

/** Remembers how a base's blocks were packed, under the sha256 of its file. */
export async function rememberEncoding(
  format: SquashfsFormat,
  cache: DerivedCache,
  cacheKey: string,
): Promise<void> {
  await cache.put(encodingKind, cacheKey, Buffer.from(encodingId(format), 'utf8'));
}

/**
 * `base`, if it was packed here as a file in this format would be. Blocks that another program packed might have other
 * bytes than ours, and an image is to give the same file whatever was there before.
 */
export async function asReusable(
  { reader, root, hashes, cacheKey }: Base,
  format: SquashfsFormat,
  cache: DerivedCache,
): Promise<ReusableBase | undefined> {
  const encoding = await cache.get(encodingKind, cacheKey);
  if (encoding?.toString('utf8') !== encodingId(format)) return undefined;
  return { reader, blocks: await PackedBlocks.of(reader, root, hashes) };
}

/** The same image, with the bytes that the base has read from there instead of from layers. */
export function readFrom<C extends Hashed>(
  { reader, blocks }: ReusableBase,
  image: AppTree<C>,
  job: Job,
): AppTree<C> {
  async function* contents(wanted: readonly RegularFile<C>[]): AsyncGenerator<FileContent<C>> {
    const inLayers = wanted.filter((file) => blocks.fileLike(file) === undefined);
    const layers = image.contents(inLayers)[Symbol.asyncIterator]();
    try {
      for (const file of wanted) {
        const present = blocks.fileLike(file);
        if (present !== undefined) {
          yield { file, chunks: reader.read(present, job) };
          continue;
        }
        const next = await layers.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await layers.return?.();
    }
  }
  return { ...image, contents };
}

/**
 * The hashes of those files of a new base that lie in it in the very bytes in which they lie in the present one.
 * @param image that the new base is to hold.
 */
export async function hashesOfTaken(
  { reader, blocks }: ReusableBase,
  written: { readonly reader: SquashfsReader; readonly root: Directory<BlockContent> },
  image: Directory<Hashed>,
  job: Job,
): Promise<Map<RegularFile<BlockContent>, string>> {
  const expected = new Map(walk(image));
  const hashes = new Map<RegularFile<BlockContent>, string>();
  const pairs = new Map<RegularFile<BlockContent>, FilePair>();
  for (const [path, file] of walk(written.root)) {
    const wanted = expected.get(path);
    if (file.kind !== 'file' || wanted?.kind !== 'file') continue;
    const present = blocks.fileLike(wanted);
    if (present === undefined) continue;
    pairs.set(file, [file, present]);
    hashes.set(file, wanted.content.sha256);
  }
  const same = await inSameBytes([written.reader, reader], pairs.values(), job);
  return new Map([...hashes].filter(([file]) => same.has(file)));
}
