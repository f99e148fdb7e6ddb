import type { Job } from '../job';
import { Problem } from '../problem';
import type { Remote, Revision } from '../remote/remote';

/**
 * Takes back a revision that the device hasn't begun with.
 *
 * @param name undefined: the newest one.
 * @throws Problem when it is too late, or there is none.
 */
export async function cancelRevision(remote: Remote, name: string | undefined, job: Job): Promise<Revision> {
  const meant = name ?? (await remote.facts(job)).head;
  if (meant !== undefined) return remote.cancel(meant, job);
  throw new Problem({
    doing: `cancelling a revision of ${remote.name}`,
    found: 'it has none',
    remedy: 'Check the name of the device',
  });
}
