import type { Job } from '../job';
import type { RegularFile } from '../rootfs/tree';
import type { BlockContent } from './block-content';
import { type Block, blockRuns } from './data-blocks';
import type { SquashfsReader } from './reader';

/** A file of one SquashFS file and one of another. */
export type FilePair = readonly [RegularFile<BlockContent>, RegularFile<BlockContent>];

/**
 * The first files of those pairs which lie in both SquashFS files in the same compressed bytes, and thus have the same
 * content: to know it nothing is decompressed. Others may have the same content, too.
 */
export async function inSameBytes(
  [left, right]: readonly [SquashfsReader, SquashfsReader],
  pairs: Iterable<FilePair>,
  job: Job,
): Promise<Set<RegularFile<BlockContent>>> {
  const same = new Set<RegularFile<BlockContent>>();
  const { superblock: a } = left;
  const { superblock: b } = right;
  if (a.compressor !== b.compressor || a.blockSize !== b.blockSize) return same;

  const [leftTable, rightTable] = await Promise.all([left.fragmentTable(), right.fragmentTable()]);
  const fragments = new Map<string, Promise<boolean>>();
  const sameBlock = async (one: Block, other: Block) =>
    one.sizeField === other.sizeField && (await sameBytes(left.storedBytes(one), right.storedBytes(other)));
  const sameFragment = (one: number, other: number): Promise<boolean> => {
    const key = `${one} ${other}`;
    const known = fragments.get(key) ?? sameBlock(leftTable.get(one), rightTable.get(other));
    fragments.set(key, known);
    return known;
  };
  const samePair = async ([one, other]: FilePair): Promise<boolean> => {
    const [mine, theirs] = [one.content, other.content];
    if (one.size !== other.size || mine.fragment?.offset !== theirs.fragment?.offset) return false;
    if (Buffer.compare(bytesOf(mine.blockSizes), bytesOf(theirs.blockSizes)) !== 0) return false;
    // With the same sizes, blocks make the same runs.
    const others = blockRuns(right.blockSource, theirs, other.size);
    for (const run of blockRuns(left.blockSource, mine, one.size)) {
      job.signal.throwIfAborted();
      const { value: counterpart } = others.next();
      if (counterpart === undefined) return false;
      if (!(await sameBytes(left.storedRun(run), right.storedRun(counterpart)))) return false;
    }
    if (mine.fragment === undefined || theirs.fragment === undefined)
      return mine.fragment === theirs.fragment;
    return sameFragment(mine.fragment.index, theirs.fragment.index);
  };

  for (const pair of pairs) if (await samePair(pair)) same.add(pair[0]);
  return same;
}

async function sameBytes(one: Promise<Uint8Array>, other: Promise<Uint8Array>): Promise<boolean> {
  const [mine, theirs] = await Promise.all([one, other]);
  return Buffer.compare(mine, theirs) === 0;
}

function bytesOf(numbers: Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
