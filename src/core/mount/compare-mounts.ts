import type { Job } from '../job';
import { type OverlayChange, sameSizedFiles, treeChanges } from '../rootfs/overlay-changes';
import type { RegularFile } from '../rootfs/tree';
import type { CodecPool } from '../squashfs/codec-pool';
import { hashContents } from '../squashfs/hash-contents';
import type { BlockContent, SquashfsReader } from '../squashfs/reader';
import type { Mount } from './mounts';

type StoredFile = RegularFile<BlockContent>;

/** What has changed from one file system to another, by content too: files of one size at one path are read and hashed. */
export async function compareMounts(
  before: Mount,
  after: Mount,
  pool: CodecPool,
  job: Job,
): Promise<readonly OverlayChange[]> {
  const isSame = (was: StoredFile, is: StoredFile) => liesInOnePlace(before, was, after, is);
  const pairs = sameSizedFiles(before.root, after.root).filter(([was, is]) => !isSame(was, is));
  const old = await hashesOf(
    before,
    pairs.map(([was]) => was),
    pool,
    job,
  );
  const now = await hashesOf(
    after,
    pairs.map(([, is]) => is),
    pool,
    job,
  );
  return treeChanges(before.root, after.root, (was, is) => isSame(was, is) || old.get(was) === now.get(is));
}

/** What a device sees of a base is the base's own, and needn't be read to be known as that. */
function liesInOnePlace(before: Mount, was: StoredFile, after: Mount, is: StoredFile): boolean {
  const [a, b] = [was.content, is.content];
  return (
    before.readerOf(was).version === after.readerOf(is).version &&
    a.start === b.start &&
    a.blockSizes.length === b.blockSizes.length &&
    a.fragment?.index === b.fragment?.index &&
    a.fragment?.offset === b.fragment?.offset
  );
}

async function hashesOf(
  mount: Mount,
  files: readonly StoredFile[],
  pool: CodecPool,
  job: Job,
): Promise<ReadonlyMap<StoredFile, string>> {
  const byReader = new Map<SquashfsReader, StoredFile[]>();
  for (const file of files) {
    const reader = mount.readerOf(file);
    const ofReader = byReader.get(reader) ?? [];
    ofReader.push(file);
    byReader.set(reader, ofReader);
  }
  const hashes = new Map<StoredFile, string>();
  for (const [reader, own] of byReader) {
    for (const [file, sha256] of await hashContents(reader, own, pool, job)) hashes.set(file, sha256);
  }
  return hashes;
}
