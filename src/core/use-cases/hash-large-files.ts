import type { AppFile } from '../checkout/app';
import { type Checkout, readOpened } from '../checkout/checkout';
import { knownFiles } from '../checkout/checkout-files';
import type { HashIndex } from '../checkout/hashes/hash-index';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { topFolder } from '../checkout/paths';
import { maxReadSize } from '../checkout/read-part';
import { concurrently } from '../files/concurrently';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';

export interface HashLargeFilesRequest {
  /** Undefined: the whole checkout. */
  readonly apps?: readonly string[] | undefined;
}

/**
 * Hashes those large files of a checkout of which nobody knows the content: then it is known of each whether it has changed
 * since the last commit, and whether the SquashFS files are those that were built. It is kept for the next time.
 *
 * @throws the signal's reason. A file that can't be read stays unknown, which is told where it is looked for.
 */
export async function hashLargeFiles(
  opened: OpenedCheckout,
  { apps }: HashLargeFilesRequest,
  hasher: FileHasher,
  job: Job,
): Promise<Checkout> {
  const hashes = await opened.hashes();
  const checkout = await readOpened(opened, job.signal);
  const files = await unknownFiles(checkout, apps, hashes);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const onProgress = (bytes: number) => job.progress('hash', (done += bytes), total);
  try {
    await concurrently(files, async ({ path: file }) => {
      const hash = (absolute: string) => hasher.hashFile(absolute, job.signal, onProgress);
      await hashes.hash(file, hash).catch(() => job.signal.throwIfAborted());
    });
  } finally {
    await hashes.save();
  }
  return readOpened(opened, job.signal);
}

/** Those that were committed, and the file systems of apps, which are what was built or are not. */
async function unknownFiles(
  checkout: Checkout,
  apps: readonly string[] | undefined,
  hashes: HashIndex,
): Promise<readonly AppFile[]> {
  const squashfs = new Set(checkout.apps.flatMap(({ base, overlay }) => [base?.path, overlay?.path]));
  const wanted = knownFiles(checkout).filter(
    ({ path: file, size, tracking }) =>
      (tracking === 'not-compared' || (size > maxReadSize && squashfs.has(file))) &&
      (apps?.includes(topFolder(file)) ?? true),
  );
  const known = await concurrently(wanted, ({ path: file }) => hashes.known(file));
  return wanted.filter((_, index) => known[index] === undefined);
}
