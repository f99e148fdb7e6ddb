import { asOnlyWriter } from '../checkout/change/change-checkout';
import { OpenedCheckout } from '../checkout/opened-checkout';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import { shortList } from '../presentation/short-list';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import type { Remotes } from '../remote/remotes';
import { changesIn, readWorkingRevision } from '../revision/working-revision';
import { restore } from './restore';
import { takeState, type TakeRequest, type TakenState } from './take-state';

/**
 * Joins what changed here with the newest revision of a device, and brings its files: the checkout goes on from that revision then.
 *
 * @param reference of the device.
 * @throws Problem when something isn't committed, or when both sides changed a part and nobody said whose counts; the job's reason.
 */
export async function takeNewest(
  checkoutDirectory: string,
  { reference, prefer }: Pick<TakeRequest, 'reference' | 'prefer'>,
  remotes: Remotes,
  hasher: FileHasher,
  job: Job,
): Promise<TakenState> {
  const doing = 'taking the newest revision of the device';
  const uncommitted = changesIn(await readWorkingRevision(new OpenedCheckout(checkoutDirectory), hasher, job))
    .filter(({ standing }) => standing !== 'untracked')
    .map(({ path }) => path);
  if (uncommitted.length > 0)
    throw new Problem({
      doing,
      found: `not everything is committed, and would be mixed up with what comes: ${shortList(uncommitted, 8)}`,
      remedy: remedy`Commit it first, or put it back with ${way.revision('checkout')}`,
    });
  const before = await new OpenedCheckout(checkoutDirectory).state();
  const request = { reference, folder: checkoutDirectory, how: 'parts', prefer } as const;
  const taken = await takeState(checkoutDirectory, request, remotes, job);
  await restore(
    checkoutDirectory,
    { patterns: [], isForced: false, form: 'indented', way: 'copy' },
    hasher,
    job,
  );
  await asOnlyWriter(checkoutDirectory, doing, job, async (change) => {
    const { entries } = await change.state();
    for (const file of before.entries.keys()) if (!entries.has(file)) await change.remove(file);
    await change.transaction.commit(job.signal);
  });
  return taken;
}
