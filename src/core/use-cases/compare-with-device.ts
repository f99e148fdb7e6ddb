import type { OpenedCheckout } from '../checkout/opened-checkout';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import { Problem } from '../problem';
import type { Remote } from '../remote/remote';
import { nextState, readWorkingRevision } from '../revision/working-revision';
import { differencesBetween, type RevisionDifferences } from './compare-revisions';
import { membersAt } from './steps/remote-state';

/** What of a checkout is otherwise on a device. Plain data. */
export interface DeviceDifferences extends RevisionDifferences {
  /** How the device is found again. */
  readonly device: string;
  /** For people: `alice/kitchen`. */
  readonly name: string;
  /** What it is compared with. */
  readonly revision: string;
  /** The device has said that it runs it; else it is the newest one that it was sent. */
  readonly isRunning: boolean;
}

/**
 * Compares the files of a checkout, committed or not, with what a device runs; `before` is the device's.
 *
 * @throws Problem when the device has no revision yet, or the checkout can't be read; the job's reason.
 */
export async function compareWithDevice(
  checkout: OpenedCheckout,
  remote: Remote,
  hasher: FileHasher,
  job: Job,
): Promise<DeviceDifferences> {
  const { running, head } = await remote.facts(job);
  const revision = running ?? head;
  if (revision === undefined)
    throw new Problem({
      doing: `comparing with ${remote.name}`,
      found: 'the device has never reported',
      remedy: 'Start it, and let it reach the hub once',
    });
  const theirs = await membersAt(remote, revision, job);
  const own = nextState(await readWorkingRevision(checkout, hasher, job), (await checkout.state()).entries);
  return {
    ...{ device: remote.address, name: remote.name, revision, isRunning: running !== undefined },
    ...differencesBetween(theirs, own),
  };
}
