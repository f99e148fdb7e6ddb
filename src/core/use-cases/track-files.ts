import { asOnlyWriter } from '../checkout/change/change-checkout';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import { type AddedFiles, addFiles, type AddRequest } from '../revision/add-files';

/** Has the next commit take files in. @throws Problem, and nothing was added. */
export async function trackFiles(
  checkoutDirectory: string,
  request: AddRequest,
  hasher: FileHasher,
  job: Job,
): Promise<AddedFiles> {
  return asOnlyWriter(checkoutDirectory, 'adding files', job, async (change) => {
    const added = await addFiles(change, request, hasher, job);
    await change.transaction.commit(job.signal);
    return added;
  });
}
