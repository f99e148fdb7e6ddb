import { isDeepStrictEqual } from 'node:util';
import { changeCheckout } from '../checkout/change/change-checkout';
import type { Job } from '../job';
import { shortList } from '../presentation/short-list';
import { Problem } from '../problem';
import { planRemovalFrom, type RemovalLosses, type RemovalPlan, type RemovalRequest } from './plan-removal';
import type { Impact } from './steps/impact';

export interface RemovalReport extends Impact, Pick<RemovalPlan, 'apps' | 'orphans' | 'losses'> {
  readonly app: string;
}

/**
 * Removes an app, and those that extend its base where that is wished, with their `_config` and their signatures, all at once.
 * pvr leaves those behind, and a device refuses the revision for a signature without files (applib.go, RemoveApplication).
 *
 * What no commit can bring back is warned of before it goes.
 *
 * @param agreed what somebody was shown and wants gone; then nothing is warned of, and nothing else removed.
 * @throws Problem, and the checkout is as it was.
 */
export async function removeApp(
  checkoutDirectory: string,
  request: RemovalRequest,
  job: Job,
  agreed?: RemovalPlan,
): Promise<RemovalReport> {
  const { app } = request;
  const { result, changedFiles } = await changeCheckout(
    checkoutDirectory,
    { what: `removing ${app}` },
    job,
    async (change) => {
      const plan = await planRemovalFrom(change, request, job);
      if (agreed === undefined) warnOf(plan, job);
      else requireSame(plan, agreed);
      for (const path of plan.paths) await change.remove(path);
      return plan;
    },
  );
  const { apps, orphans, losses, restart, staleSignatures } = result;
  return { app, apps, orphans, losses, changedFiles, restart, staleSignatures };
}

/** A line with more names than these is read by nobody. */
const maxNames = 20;

function warnOf({ apps: [app], orphans, losses, unsafeStarts }: RemovalPlan, job: Job): void {
  const { uncommittedApps, ...files } = losses;
  if (uncommittedApps.length > 0)
    job.warn(`removing what was never committed, and can't be restored: ${uncommittedApps.join(', ')}`);
  for (const [kind, words] of Object.entries(lossWords) as [keyof typeof lossWords, string][]) {
    if (files[kind].length > 0) job.warn(`removing ${words}, too: ${shortList(files[kind], maxNames)}`);
  }
  for (const start of unsafeStarts) job.warn(`without ${app ?? ''}, ${start}`);
  if (orphans.length > 0)
    job.warn(
      `${orphans.join(', ')} can't run until there is an app ${app ?? ''} again, whose base to extend`,
    );
}

const lossWords: Readonly<Record<Exclude<keyof RemovalLosses, 'uncommittedApps'>, string>> = {
  changed: 'changes since the last commit',
  added: 'new files that were never committed',
  untracked: 'what pvr does not track',
  unknown: "what can't be read, and may be in no commit",
};

/** Somebody may have edited a file between the question and the answer. */
function requireSame(plan: RemovalPlan, agreed: RemovalPlan): void {
  const whatGoes = ({ apps, paths, losses }: RemovalPlan) => [apps, paths, losses];
  if (isDeepStrictEqual(whatGoes(plan), whatGoes(agreed))) return;
  throw new Problem({
    doing: `removing ${plan.apps.join(', ')}`,
    found: 'its files have changed since you were asked',
    remedy: 'Look again at what goes, then remove it',
  });
}
