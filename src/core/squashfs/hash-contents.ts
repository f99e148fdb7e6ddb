import type { Job, Phase } from '../job';
import type { RegularFile } from '../rootfs/tree';
import type { BlockContent } from './block-content';
import type { CodecPool } from './codec-pool';
import type { FragmentTable } from './fragment-table';
import type { FileToHash } from './hash-batch';
import type { SquashfsReader } from './reader';
import { stoppedBy, stopThreads, type ThreadStop } from './thread-stop';

/** Files of this size and more are a batch of their own, so that they end up in different threads. */
const largeFile = 4 << 20;
/** A batch of smaller files has about as many bytes; it ends where the next fragment block begins. */
const batchSize = 4 << 20;

/** Files whose bytes lie in the same place, of which one needs to be hashed. */
interface SameContent extends FileToHash {
  readonly files: RegularFile<BlockContent>[];
}

/**
 * The sha256 (hex) of files of the reader's tree, hashed in the pool's threads. Reports progress in bytes as `phase`;
 * when the job is stopped, or a file turns out damaged, no thread goes on.
 */
export async function hashContents(
  reader: SquashfsReader,
  files: readonly RegularFile<BlockContent>[],
  pool: CodecPool,
  job: Job,
  phase: Phase = 'compare',
): Promise<Map<RegularFile<BlockContent>, string>> {
  const contents = distinctContents(files, await reader.fragmentTable());
  const total = contents.reduce((sum, { size }) => sum + size, 0);
  const hashes = new Map<RegularFile<BlockContent>, string>();
  let done = 0;

  const hashBatch = async (batch: readonly SameContent[], stop: ThreadStop) => {
    const request = {
      source: reader.blockSource,
      version: reader.version,
      compressor: reader.superblock.compressor,
      files: batch.map(({ size, content, fragmentBlock }) => ({ size, content, fragmentBlock })),
      stop,
    };
    const answers = await pool.hash(request, (bytes) => {
      done += bytes;
      job.progress(phase, done, total);
    });
    for (const [index, { files: same }] of batch.entries()) {
      const sha256 = answers[index];
      if (sha256 === undefined) throw new Error('CodecPool.hash: fewer answers than files');
      for (const file of same) hashes.set(file, sha256);
    }
  };

  await stoppedBy(job.signal, (stop) =>
    inLanes(
      2 * pool.workers,
      batchesOf(contents),
      (batch) => hashBatch(batch, stop),
      () => stopThreads(stop),
    ),
  );
  return hashes;
}

/** In the order of their place in the file, so that what shares a fragment block lies together. */
function distinctContents(
  files: readonly RegularFile<BlockContent>[],
  fragments: FragmentTable,
): SameContent[] {
  const contents = new Map<string, SameContent>();
  for (const file of files) {
    const { size, content } = file;
    const { start, blockSizes, fragment } = content;
    const sizes = Buffer.from(blockSizes.buffer, blockSizes.byteOffset, blockSizes.byteLength).toString(
      'latin1',
    );
    const key = `${size}:${start}:${fragment?.index ?? ''}:${fragment?.offset ?? ''}:${sizes}`;
    const known = contents.get(key);
    if (known !== undefined) {
      known.files.push(file);
    } else {
      const fragmentBlock = fragment && fragments.get(fragment.index);
      contents.set(key, { size, content, fragmentBlock, files: [file] });
    }
  }
  const place = ({ content, fragmentBlock }: SameContent) => fragmentBlock?.position ?? content.start;
  return [...contents.values()].sort((a, b) => place(a) - place(b));
}

/** Large files first: begun last, one would keep a thread busy when the others have nothing left to do. */
function batchesOf(contents: readonly SameContent[]): SameContent[][] {
  const batches = contents.filter(({ size }) => size >= largeFile).map((content) => [content]);
  let batch: SameContent[] = [];
  let bytes = 0;
  let fragment: number | undefined;
  for (const content of contents) {
    if (content.size >= largeFile) continue;
    const sameFragment = content.fragmentBlock !== undefined && content.fragmentBlock.position === fragment;
    if (bytes >= batchSize && !sameFragment) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(content);
    bytes += content.size;
    fragment = content.fragmentBlock?.position;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/**
 * Works through `items`, `lanes` of them at a time. After a failure nothing more is begun, `onFailure` is called, what
 * runs is waited for, and the first failure is thrown.
 */
async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
  onFailure: () => void,
): Promise<void> {
  const queue = items.values();
  const failures: unknown[] = [];
  const lane = async () => {
    for (const item of queue) {
      if (failures.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
        onFailure();
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failures.length > 0) throw failures[0];
}
