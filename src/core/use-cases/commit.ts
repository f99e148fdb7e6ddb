import { sha256Of } from '../bytes/sha256';
import { asOnlyWriter } from '../checkout/change/change-checkout';
import { stateFile } from '../checkout/state';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import { objectStoreOf } from '../revision/object-store-of';
import { type CommitRequest, type Committed, planCommit, removeStaleDrafts } from '../revision/commit';

export interface CommitReport extends Committed {
  /** The sha256 of the state, which devices and Pantahub know the revision by. */
  readonly state: string;
}

/**
 * Makes the tracked files, as they lie there, the checkout's last commit. Killed anywhere, the checkout has the old one or the new one,
 * with its message.
 *
 * @throws Problem, and the last commit is the one that it was.
 */
export async function commit(
  checkoutDirectory: string,
  request: CommitRequest,
  hasher: FileHasher,
  job: Job,
): Promise<CommitReport> {
  return asOnlyWriter(checkoutDirectory, 'committing', job, async (change) => {
    const store = await objectStoreOf(change);
    const committed = await planCommit(change, store, request, hasher, job);
    await change.transaction.commit(job.signal);
    await removeStaleDrafts(checkoutDirectory);
    const text = (await change.text(stateFile)) ?? '';
    return { ...committed, state: sha256Of(text) };
  });
}
