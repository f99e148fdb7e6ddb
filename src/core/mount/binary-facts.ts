import type { ByteString } from '../bytes/byte-string';
import type { Job } from '../job';
import type { RegularFile } from '../rootfs/tree';
import type { BlockContent } from '../squashfs/block-content';
import { type ElfFacts, readElf } from './elf';
import { readFacts, requireFile } from './entries';
import type { Mount } from './mounts';
import { isText } from './text-changes';

/** What can be told of a file that nobody reads as text. Plain data. */
export interface BinaryFacts {
  /** Bytes. */
  readonly size: number;
  readonly elf: ElfFacts | undefined;
}

/** Of a file in one place, or in two. */
export interface BinaryComparison {
  readonly before: BinaryFacts | undefined;
  readonly after: BinaryFacts | undefined;
  /** How many bytes both begin with alike; undefined where there is but one. */
  readonly same: number | undefined;
}

/** Where a file lies. */
export interface PlaceInMount {
  readonly mount: Mount;
  readonly path: ByteString;
}

/**
 * What a binary file is, and where it begins to differ; undefined where all that is there is text, or nothing is.
 *
 * @param before and `after`: where the file lies, behind links; undefined where it is in one of the two alone.
 */
export async function binaryComparison(
  before: PlaceInMount | undefined,
  after: PlaceInMount | undefined,
  job: Job,
): Promise<BinaryComparison | undefined> {
  const was = before && openedFile(before);
  const is = after && openedFile(after);
  const sides = [was, is].filter((side) => side !== undefined);
  let isBinary = false;
  for (const { mount, file } of sides) isBinary ||= !(await isText(mount, file, job));
  if (!isBinary) return undefined;
  return {
    before: was && (await factsOf(was, job)),
    after: is && (await factsOf(is, job)),
    same: was && is && (await sameBeginning(was, is, job)),
  };
}

interface OpenedFile {
  readonly mount: Mount;
  readonly file: RegularFile<BlockContent>;
}

function openedFile({ mount, path }: PlaceInMount): OpenedFile | undefined {
  const facts = readFacts(mount, path);
  return 'absent' in facts || facts.kind !== 'file' ? undefined : { mount, file: requireFile(mount, path) };
}

async function factsOf({ mount, file }: OpenedFile, job: Job): Promise<BinaryFacts> {
  const elf = await readElf(async (start, end) => {
    if (start >= file.size) return new Uint8Array();
    const chunks: Uint8Array[] = [];
    for await (const chunk of mount.read(file, job, { start, end: Math.min(end, file.size) }))
      chunks.push(chunk);
    return Buffer.concat(chunks);
  });
  return { size: file.size, elf };
}

/** A few kilobytes can hold terabytes of zeros, and nobody waits for these to be compared. */
const mostCompared = 2 ** 30;

/** How many bytes two files begin with alike. */
async function sameBeginning(one: OpenedFile, other: OpenedFile, job: Job): Promise<number> {
  const end = Math.min(one.file.size, other.file.size, mostCompared);
  if (end === 0) return 0;
  const others = other.mount.read(other.file, job, { start: 0, end })[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);
  let same = 0;
  try {
    for await (const chunk of one.mount.read(one.file, job, { start: 0, end })) {
      let left = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      while (left.length > 0) {
        if (rest.length === 0) {
          const next = await others.next();
          if (next.done === true) return same;
          rest = Buffer.from(next.value);
          continue;
        }
        const length = Math.min(left.length, rest.length);
        if (!left.subarray(0, length).equals(rest.subarray(0, length)))
          return same + firstDifference(left, rest);
        same += length;
        left = left.subarray(length);
        rest = rest.subarray(length);
      }
    }
  } finally {
    await others.return?.();
  }
  return same;
}

function firstDifference(one: Buffer, other: Buffer): number {
  let at = 0;
  while (one[at] === other[at]) at += 1;
  return at;
}
