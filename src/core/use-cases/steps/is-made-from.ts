import path from 'node:path';
import { rightHashes } from '../../checkout/hashes/recipe';
import { digestSuffixes } from '../../checkout/manifests/digest-place';
import type { SourceManifest } from '../../checkout/manifests/source-manifest';
import type { OpenedCheckout } from '../../checkout/opened-checkout';
import { fileProblem } from '../../files/file-problem';
import { Problem } from '../../problem';
import { regularFiles } from '../../rootfs/tree';
import type { SquashfsFormat } from '../../squashfs/compression';
import { SquashfsReader } from '../../squashfs/reader';
import type { Workshop } from '../environment';
import { hashFiles, openBase } from './base-contents';

/**
 * Whether the digest beside a SquashFS file is that of an image, or of what else it was made from; whether the file itself is any good is another question. pvr
 * asks nothing else, and leaves a missing file missing (appdockerlib.go:265-270).
 *
 * @param file path below the checkout.
 */
export async function isMadeFrom(checkout: OpenedCheckout, file: string, digest: string): Promise<boolean> {
  return (await recordedBeside(checkout, file)).includes(digest);
}

/** What the files beside a SquashFS file say that it was made from. */
export async function recordedBeside(checkout: OpenedCheckout, file: string): Promise<readonly string[]> {
  const said = await Promise.all(digestSuffixes.map((suffix) => checkout.text(`${file}${suffix}`)));
  return said.flatMap((text) => (text === undefined || text.trim() === '' ? [] : [text.trim()]));
}

/**
 * Whether a SquashFS file has the bytes that were committed, or built here, for the image that src.json names; also where
 * nobody knows which these are. It is read where its content isn't known.
 *
 * @throws Problem when it can't be read; the signal's reason.
 */
export async function isRight(
  checkout: OpenedCheckout,
  wanted: { readonly app: string; readonly volume: string; readonly manifest: SourceManifest },
  { pool, job }: Workshop,
): Promise<boolean> {
  const [state, hashes] = await Promise.all([checkout.state(), checkout.hashes()]);
  const right = rightHashes(wanted, { state, hashes });
  if (right.size === 0) return true;
  const file = `${wanted.app}/${wanted.volume}`;
  try {
    const sha256 = await hashes.hash(file, (absolute) => pool.hashFile(absolute, job.signal));
    await hashes.save();
    return right.has(sha256);
  } catch (error) {
    job.signal.throwIfAborted();
    throw fileProblem(`reading ${file}`, path.join(checkout.directory, file), error);
  }
}

/** How a SquashFS file is compressed; undefined where there is none, or none that a device mounts as far as its superblock tells. */
export async function presentFormat(file: string, { pool }: Workshop): Promise<SquashfsFormat | undefined> {
  try {
    await using reader = await SquashfsReader.open(file, pool.directory);
    reader.requireMountable();
    return reader.format;
  } catch {
    return undefined;
  }
}

/**
 * Whether a device mounts a SquashFS file and can read all of it. Of one whose contents are known from a build, only the metadata is read: they are
 * kept under the hash of all its bytes.
 */
export async function isIntact(file: string, workshop: Workshop): Promise<boolean> {
  try {
    await using base = await openBase(file, workshop);
    await hashFiles(base, regularFiles(base.root), workshop);
    return true;
  } catch (problem) {
    if (problem instanceof Problem) return false;
    throw problem;
  }
}
