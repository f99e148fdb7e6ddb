import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import { thisThread } from '../../../src/core/files/hash-file';
import type { Job } from '../../../src/core/job';
import { pathPattern } from '../../../src/core/revision/select-paths';
import { changesIn, readWorkingRevision } from '../../../src/core/revision/working-revision';
import { commit } from '../../../src/core/use-cases/commit';
import { restore } from '../../../src/core/use-cases/restore';
import { trackFiles } from '../../../src/core/use-cases/track-files';
import { expectingProblems, inCheckout, seedsOf, varyFiles } from '../checkout-input';
import { hostileRevisions } from '../hostile/revisions';
import type { Target } from '../target';

/** Checkouts whose state, list of new files and documents are anything; they are committed, and put back. */
export const target: Target = {
  seeds: () => Promise.resolve(seedsOf(hostileRevisions)),
  vary: varyFiles,
  read: (input, folder, job) =>
    inCheckout(input, folder, async (checkout) => {
      await mkdir(path.join(checkout, '.pvr', 'objects'), { recursive: true }).catch(() => undefined);
      await expectingProblems(() => status(checkout, job));
      const all = { patterns: [pathPattern('.', '')], isRaw: false };
      await expectingProblems(() => trackFiles(checkout, all, thisThread, job));
      await expectingProblems(async () => {
        await commit(checkout, { message: 'fuzz' }, thisThread, job);
        requireClean(await status(checkout, job), 'a commit');
        const state = await readFile(path.join(checkout, '.pvr', 'json'), 'utf8');
        await commit(checkout, {}, thisThread, job);
        if ((await readFile(path.join(checkout, '.pvr', 'json'), 'utf8')) !== state)
          throw new Error('a commit of nothing changed the state');
      });
      await expectingProblems(async () => {
        const request = { patterns: [], isForced: true, form: 'indented', way: 'copy' } as const;
        await restore(checkout, request, thisThread, job);
        requireClean(await status(checkout, job), 'a checkout');
      });
    }),
};

/** What is tracked and not as it was committed. */
async function status(checkout: string, job: Job): Promise<readonly string[]> {
  const revision = await readWorkingRevision(new OpenedCheckout(checkout), thisThread, job);
  return changesIn(revision).flatMap(({ path: file, standing }) =>
    standing === 'untracked' ? [] : [`${standing} ${file}`],
  );
}

function requireClean(changes: readonly string[], after: string): void {
  if (changes.length > 0) throw new Error(`after ${after} there is still: ${changes.join(', ')}`);
}
