import type { Job } from '../../job';
import { Problem } from '../../problem';
import { type FileContent, type Hashed, type RegularFile, regularFiles } from '../../rootfs/tree';
import type { BlockContent } from '../block-content';
import type { Block } from '../data-blocks';
import type { BlockCompressor } from './block-compressor';
import { BlockQueue } from './block-queue';
import { contentBlocks } from './content-blocks';
import { FragmentPacker } from './fragment-packer';
import type { OutputFile } from './output-file';
import type { SquashfsSource } from './source';

/** Where a file's bytes lie, and how many of them are zeros in whole blocks, which lie nowhere. */
export interface StoredContent extends BlockContent {
  readonly holeBytes: number;
}

export interface StoredContents {
  /** @throws Error when the file is not one of the tree that was written. */
  of(file: RegularFile<Hashed>): StoredContent;
  readonly fragments: readonly Block[];
}

/**
 * Writes the files' bytes in the order in which the source gives them; files with equal bytes once. A file shorter than a
 * block shares one with others; of a longer one the last block is its own, as mksquashfs does it without `-tailends`.
 * @throws Problem when the source gives other files or other amounts of bytes than were asked for.
 */
export async function writeContents<C extends Hashed>(
  source: SquashfsSource<C>,
  output: OutputFile,
  compressor: BlockCompressor,
  job: Job,
): Promise<StoredContents> {
  const { blockSize, signal } = compressor;
  const wanted = distinctFiles(source.root);
  const missing = new Set(wanted);
  const total = wanted.reduce((sum, { size }) => sum + size, 0);
  let done = 0;

  const stored = new Map<string, StoredContent>();
  const queue = new BlockQueue(compressor, output);
  const fragments = new FragmentPacker(queue, blockSize);
  const zeros = Buffer.alloc(blockSize);

  const store = async (content: FileContent<C>): Promise<StoredContent> => {
    const { size } = content.file;
    const blockSizes = new Uint32Array(Math.ceil(size / blockSize));
    const written: Mutable<StoredContent> = { start: 0, blockSizes, fragment: undefined, holeBytes: 0 };
    let index = 0;
    let started = false;
    // To its end, also when nothing more is expected: only then has the source checked what it gave.
    for await (const block of contentBlocks(content, blockSize, signal)) {
      const here = index++;
      done += block.length;
      job.progress('compress', done, total);
      if (block.equals(zeros.subarray(0, block.length))) {
        written.holeBytes += block.length;
      } else if (size < blockSize) {
        written.fragment = await fragments.add(block);
        written.blockSizes = new Uint32Array(0);
      } else {
        await queue.add(block, ({ position, sizeField }) => {
          if (!started) written.start = position;
          started = true;
          blockSizes[here] = sizeField;
        });
      }
    }
    return written;
  };

  for await (const content of source.contents(wanted)) {
    if (!missing.delete(content.file)) throw wrongFiles('a file that was not asked for, or twice');
    stored.set(contentKey(content.file), await store(content));
  }
  if (missing.size > 0) throw wrongFiles(`${missing.size} of ${wanted.length} files too few`);
  await fragments.endBlock();
  await queue.drain();

  return {
    of: (file) => {
      const content = file.size === 0 ? noContent : stored.get(contentKey(file));
      if (content === undefined) throw new Error('writeContents: a file of another tree');
      return content;
    },
    fragments: fragments.blocks,
  };
}

/** While it is being written. */
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const noContent: StoredContent = {
  start: 0,
  blockSizes: new Uint32Array(0),
  fragment: undefined,
  holeBytes: 0,
};

/** Of all files with the same bytes the first, in the order of their paths; files without any are left out. */
function distinctFiles<C extends Hashed>(root: SquashfsSource<C>['root']): RegularFile<C>[] {
  const distinct = new Map<string, RegularFile<C>>();
  for (const file of regularFiles(root)) {
    const key = contentKey(file);
    if (file.size > 0 && !distinct.has(key)) distinct.set(key, file);
  }
  return [...distinct.values()];
}

/** The size is a part of it because an inode's block list must fit its size, whatever a wrong hash says. */
function contentKey({ size, content }: RegularFile<Hashed>): string {
  return `${size}:${content.sha256}`;
}

function wrongFiles(found: string): Problem {
  return new Problem({
    doing: 'reading the files of the image',
    found: `its layers gave ${found}`,
    remedy: 'Try again; if it happens again, clear the cache and pull the image anew',
  });
}
