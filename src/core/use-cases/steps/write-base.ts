import { differences } from '../../rootfs/differences';
import { type Hashed, regularFiles } from '../../rootfs/tree';
import type { SquashfsFormat } from '../../squashfs/compression';
import { hashContents } from '../../squashfs/hash-contents';
import { SquashfsReader } from '../../squashfs/reader';
import { writeSquashfs } from '../../squashfs/writer';
import type { Workshop } from '../environment';
import type { AppTree } from './app-tree';
import { type Base, rememberHashes } from './base-contents';
import { checkWritten, type WrittenFile } from './check-written';
import { requireSame } from './require-same';
import { asReusable, hashesOfTaken, readFrom, rememberEncoding, type ReusableBase } from './reusable-base';

/**
 * Writes the whole image to `file` as a `root.squashfs`, and checks it by reading every byte back.
 * @param present the base that it is going to replace. What hasn't changed is taken from there: the file is the same
 * without, but takes longer.
 * @throws Problem when what was written doesn't hold what the image holds; the caller deletes the file.
 */
export async function writeBase<C extends Hashed>(
  file: string,
  image: AppTree<C>,
  format: SquashfsFormat,
  present: Base | undefined,
  workshop: Workshop,
): Promise<WrittenFile> {
  const { pool, cache, job } = workshop;
  const reusable = present && (await asReusable(present, format, cache));
  const source = reusable ? readFrom(reusable, image, job) : image;
  const options = { format, time: image.time, pool, ready: reusable?.blocks, job };
  const size = await writeSquashfs(file, source, options);
  const { sha256, checked } = await checkWritten(file, workshop, () =>
    check(file, image, reusable, workshop),
  );
  await rememberHashes(checked.root, checked.hashes, cache, sha256);
  await rememberEncoding(format, cache, sha256);
  return { size, sha256 };
}

/** Answers what was found in the file. */
async function check<C extends Hashed>(
  file: string,
  image: AppTree<C>,
  reusable: ReusableBase | undefined,
  { pool, job }: Workshop,
): Promise<Pick<Base, 'root' | 'hashes'>> {
  await using reader = await SquashfsReader.open(file, pool.directory);
  const root = await reader.readTree(job);
  const taken = reusable && (await hashesOfTaken(reusable, { reader, root }, image.root, job));
  const others = regularFiles(root).filter((one) => taken?.has(one) !== true);
  const hashes = new Map([...(taken ?? []), ...(await hashContents(reader, others, pool, job, 'check'))]);
  const found = differences(root, image.root, (mine, theirs) => hashes.get(mine) === theirs.content.sha256);
  requireSame(found, file);
  return { root, hashes };
}
