import type { Job } from '../job';
import { Absence } from '../net/network-failure';
import { pause } from '../net/retry';
import { outcomeOf, type LogEntry, type Remote, type Revision } from '../remote/remote';

export interface FollowOptions {
  /** Told of each change. */
  readonly onChange: (revision: Revision) => void;
  /** Milliseconds between two looks: at first, and when nothing has happened for a minute. */
  readonly pace?: { readonly quick: number; readonly slow: number };
}

/** Pantavisor asks every 5 s whether there is something for it. */
const usualPace = { quick: 2_500, slow: 15_000 };
/** A device that is reached itself has nobody else to answer for. */
const paceOfDevice = { quick: 1_000, slow: 3_000 };
/** Milliseconds without news, after which nobody waits for the next second. */
const patience = 60_000;

/**
 * Watches a revision until nothing follows any more, however long the device is away. A hub that can't be reached for a while ends
 * nothing.
 *
 * @throws Problem when the revision isn't there; the job's reason.
 */
export async function followRevision(
  remote: Remote,
  name: string,
  { onChange, pace = remote.place === 'device' ? paceOfDevice : usualPace }: FollowOptions,
  job: Job,
): Promise<Revision> {
  let told = '';
  let newsAt = Date.now();
  let isAway = false;
  for (;;) {
    const revision = await remote.revision(name, job).catch((error: unknown) => {
      job.signal.throwIfAborted();
      // A device may be down already, on its way to what it was told to run.
      const isExpected = told !== '' || remote.place === 'device';
      if (!(error instanceof Absence) || !isExpected) throw error;
      if (!isAway) job.warn(`${error.found}; trying on`);
      isAway = true;
      return undefined;
    });
    if (revision !== undefined) {
      isAway = false;
      const now = JSON.stringify(revision.progress);
      if (now !== told) {
        onChange(revision);
        newsAt = Date.now();
      }
      told = now;
      if (outcomeOf(revision.progress) !== 'open') return revision;
    }
    await pause(Date.now() - newsAt > patience ? pace.slow : pace.quick, job.signal);
  }
}

/** What the device told of a revision that failed, from its last entries on. */
export async function lastWords(remote: Remote, name: string, job: Job): Promise<readonly LogEntry[]> {
  const limit = 20;
  try {
    return await remote.logs({ revision: name, limit }, job);
  } catch {
    job.signal.throwIfAborted();
    return [];
  }
}
