import path from 'node:path';
import { baseVolume } from '../../checkout/manifests/volume-name';
import type { OpenedCheckout } from '../../checkout/opened-checkout';
import { Problem } from '../../problem';
import { type Directory, type Hashed, type RegularFile, regularFiles } from '../../rootfs/tree';
import { hashContents } from '../../squashfs/hash-contents';
import { type BlockContent, SquashfsReader } from '../../squashfs/reader';
import type { Workshop } from '../environment';
import type { DerivedCache } from './derived-cache';

/** Change it with every change of what {@link rememberHashes} writes. */
const hashesKind = 'contents-2';
const hashSize = 32;
/** No file has this hash. */
const notHashed = '0'.repeat(2 * hashSize);

/** A SquashFS file as its tree, with the hashes of its files' contents as far as anyone has asked for them. */
export interface Base extends AsyncDisposable {
  readonly reader: SquashfsReader;
  readonly root: Directory<BlockContent>;
  /** sha256 (hex) of the file with these bytes; see {@link hashFiles}. */
  readonly hashes: Map<RegularFile<BlockContent>, string>;
  readonly cacheKey: string;
}

/** @throws Problem when it can't be read, or no device could mount it. */
export async function openBase(file: string, { pool, cache, job }: Workshop): Promise<Base> {
  const reader = await SquashfsReader.open(file, pool.directory);
  try {
    reader.requireMountable();
    const [root, cacheKey] = await Promise.all([reader.readTree(job), pool.hashFile(file, job.signal)]);
    // Hashed by its path: what is remembered under another file's hash would be wrong for ever.
    await reader.requireSame();
    const hashes = await knownHashes(root, cache, cacheKey);
    return { reader, root, hashes, cacheKey, [Symbol.asyncDispose]: () => reader.close() };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** The base that an app has now, or another volume, and none where it has none or one that can't be read. */
export function openPresentBase(
  { directory }: OpenedCheckout,
  app: string,
  workshop: Workshop,
  volume = baseVolume,
): Promise<Base | undefined> {
  return openBase(path.join(directory, app, volume), workshop).catch((error: unknown) => {
    if (error instanceof Problem) return undefined;
    throw error;
  });
}

/** Makes sure that `base.hashes` has all of `files`, and remembers them for the next build on the same base. */
export async function hashFiles(
  base: Base,
  files: readonly RegularFile<BlockContent>[],
  { pool, cache, job }: Workshop,
): Promise<void> {
  const unknown = files.filter((file) => !base.hashes.has(file));
  if (unknown.length === 0) return;
  for (const [file, sha256] of await hashContents(base.reader, unknown, pool, job))
    base.hashes.set(file, sha256);
  await rememberHashes(base.root, base.hashes, cache, base.cacheKey);
}

/** Whether a file of the base, which has been hashed, has the bytes of another one. */
export function hasSameBytes(
  { hashes }: Base,
  baseFile: RegularFile<BlockContent>,
  other: RegularFile<Hashed>,
): boolean {
  return hashes.get(baseFile) === other.content.sha256;
}

/**
 * Keeps the hashes of a tree's files under the sha256 of the SquashFS file that holds them: 32 bytes for each file, hard links once,
 * in the byte order of their paths.
 */
export async function rememberHashes<C>(
  root: Directory<C>,
  hashes: ReadonlyMap<RegularFile<C>, string>,
  cache: DerivedCache,
  cacheKey: string,
): Promise<void> {
  const files = regularFiles(root);
  const stored = Buffer.alloc(files.length * hashSize);
  for (const [index, file] of files.entries()) stored.write(hashes.get(file) ?? '', index * hashSize, 'hex');
  await cache.put(hashesKind, cacheKey, stored);
}

/** None where something else lies in the cache, as after a disk has failed. */
async function knownHashes(
  root: Directory<BlockContent>,
  cache: DerivedCache,
  cacheKey: string,
): Promise<Map<RegularFile<BlockContent>, string>> {
  const hashes = new Map<RegularFile<BlockContent>, string>();
  const stored = await cache.get(hashesKind, cacheKey);
  if (stored === undefined) return hashes;
  const files = regularFiles(root);
  if (stored.length !== files.length * hashSize) return hashes;
  for (const [index, file] of files.entries()) {
    const sha256 = stored.toString('hex', index * hashSize, (index + 1) * hashSize);
    if (sha256 !== notHashed) hashes.set(file, sha256);
  }
  return hashes;
}
