import type { Job } from '../job';
import type { RegularFile } from '../rootfs/tree';
import type { BlockContent } from './block-content';
import type { SquashfsReader } from './reader';

/** Bytes: what storage and memory are counted in. */
export const pageSize = 4096;

/** Of which so many are read at once. */
const pagesPerStep = 256;

/** A file, and how to read it. */
export interface ReadableFile {
  readonly reader: SquashfsReader;
  readonly file: RegularFile<BlockContent>;
}

/**
 * In how many pages two files of the same size differ.
 * @param enough with more than so many, nobody counts on.
 */
export async function differingPages(
  one: ReadableFile,
  other: ReadableFile,
  enough: number,
  job: Job,
): Promise<number> {
  const { size } = one.file;
  const step = pagesPerStep * pageSize;
  let pages = 0;
  for (let start = 0; start < size && pages <= enough; start += step) {
    const range = { start, end: Math.min(size, start + step) };
    const ours = await bytesOf(one.reader.read(one.file, job, range));
    const theirs = await bytesOf(other.reader.read(other.file, job, range));
    for (let page = 0; page < ours.length; page += pageSize) {
      if (!ours.subarray(page, page + pageSize).equals(theirs.subarray(page, page + pageSize))) pages++;
    }
  }
  return pages;
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
