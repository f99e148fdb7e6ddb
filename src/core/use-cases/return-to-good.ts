import { asOnlyWriter } from '../checkout/change/change-checkout';
import { originPath } from '../checkout/change/target-path';
import type { Job } from '../job';
import { Problem } from '../problem';
import type { Remote, Revision } from '../remote/remote';
import { wholeState } from '../revision/fragments';
import { copyRevision } from './copy-revision';
import { originText, readOrigin } from './steps/origin';

export interface ReturnRequest {
  readonly remote: Remote;
  /** What failed, and was posted from the checkout. */
  readonly failed: string;
  /** What the new revision is about. */
  readonly message: string;
  readonly objectsDirectory: string;
}

/**
 * Has the newest revision of a device be the last good one again, after one from a checkout has failed. The checkout goes on from it:
 * what mends the failed one is no undoing of somebody else's work.
 *
 * @returns the new revision.
 * @throws Problem when none was ever good, and nothing has changed; the job's reason.
 */
export async function returnToGood(
  checkoutDirectory: string,
  { remote, failed, message, objectsDirectory }: ReturnRequest,
  job: Job,
): Promise<Revision> {
  const good = await lastGood(remote, job);
  if (good === undefined)
    throw new Problem({
      doing: `going back from revision ${failed} of ${remote.name}`,
      found: 'no other revision of it ever ran',
      remedy: 'Mend what is wrong, and post that',
    });
  const source = { remote, revision: good, fragments: wholeState };
  const request = { source, target: remote, message, objectsDirectory };
  const { revision } = await copyRevision(request, job);
  await asOnlyWriter(checkoutDirectory, `going back to revision ${good}`, job, async (change) => {
    const origin = await readOrigin(change);
    if (origin?.address !== remote.address || origin.revision !== failed) return;
    await change.write(originPath, originText({ ...origin, revision: revision.name }));
    await change.transaction.commit(job.signal);
  });
  return revision;
}

/** The newest that ran well. */
export async function lastGood(remote: Remote, job: Job): Promise<string | undefined> {
  const all = await remote.revisions(job);
  return all.findLast(({ progress: { status } }) => status === 'DONE' || status === 'UPDATED')?.name;
}
