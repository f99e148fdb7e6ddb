import { asOnlyWriter } from '../checkout/change/change-checkout';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import type { ObjectStore } from '../objects/object-store';
import { objectStoreOf } from '../revision/object-store-of';
import { planRestore, type Restored, type RestoreRequest } from '../revision/restore';

/**
 * Puts files back as they were committed, all at once or not at all.
 *
 * @param store undefined: the checkout's own. One that has just brought the objects needn't read them once more.
 * @throws Problem, and the checkout is as it was.
 */
export async function restore(
  checkoutDirectory: string,
  request: RestoreRequest,
  hasher: FileHasher,
  job: Job,
  store?: ObjectStore,
): Promise<Restored> {
  return asOnlyWriter(checkoutDirectory, 'restoring the last commit', job, async (change) => {
    const from = store ?? (await objectStoreOf(change));
    const restored = await planRestore(change, from, request, hasher, job);
    const hashedAt = Date.now();
    await change.transaction.commit(job.signal);
    const hashes = await change.hashes();
    for (const step of change.transaction.changes) {
      if (step.kind !== 'replace' || step.sha256 === undefined) continue;
      await hashes.note(step.target, { sha256: step.sha256, hashedAt });
    }
    await hashes.save();
    return restored;
  });
}
