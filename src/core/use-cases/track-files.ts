import { asOnlyWriter } from '../checkout/change/change-checkout';
import { newFilesPath } from '../checkout/change/target-path';
import { readNewFiles, updatedNewFiles } from '../checkout/new-files';
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

/** Has the next commit leave out files that were added since the last one; the files stay. @throws Problem, and all are tracked. */
export async function untrackFiles(
  checkoutDirectory: string,
  files: readonly string[],
  job: Job,
): Promise<{ readonly files: readonly string[] }> {
  return asOnlyWriter(checkoutDirectory, 'leaving out files', job, async (change) => {
    const [state, existing] = await Promise.all([change.state(), readNewFiles(change)]);
    const known = files.filter((file) => existing.has(file));
    await change.write(newFilesPath, updatedNewFiles(existing, state, { added: new Map(), removed: known }));
    await change.transaction.commit(job.signal);
    return { files: known };
  });
}
