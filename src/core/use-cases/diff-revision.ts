import { readWithWaiting } from '../checkout/checkout';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { type RevisionWeight, weigh } from '../checkout/revision-weight';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import { hashLargeFiles } from './hash-large-files';

/** Weighs what isn't committed yet. @throws Problem when the checkout can't be read; the signal's reason. */
export async function weighRevision(
  opened: OpenedCheckout,
  hasher: FileHasher,
  job: Job,
): Promise<RevisionWeight> {
  await hashLargeFiles(opened, {}, hasher, job);
  const { checkout, waiting } = await readWithWaiting(opened, job.signal);
  return weigh(waiting, checkout.apps, await opened.state());
}
