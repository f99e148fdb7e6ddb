import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import { thisThread } from '../../../src/core/files/hash-file';
import type { Job } from '../../../src/core/job';
import { Problem } from '../../../src/core/problem';
import { pathPattern } from '../../../src/core/revision/select-paths';
import { changesIn, readWorkingRevision } from '../../../src/core/revision/working-revision';
import { commit } from '../../../src/core/use-cases/commit';
import { restore } from '../../../src/core/use-cases/restore';
import { trackFiles } from '../../../src/core/use-cases/track-files';
import type { CheckoutFiles } from '../hostile/checkouts';
import { hostileRevisions } from '../hostile/revisions';
import type { Target } from '../target';
import { hostileText, varyJson } from '../vary-json';

/** Checkouts whose state, list of new files and documents are anything; they are committed, and put back. */
export const target: Target = {
  seeds: () =>
    Promise.resolve(
      Object.fromEntries(Object.entries(hostileRevisions).map(([name, files]) => [name, textOf(files)])),
    ),
  vary(input, others, random) {
    const files = filesIn(input);
    const file = random.pickFrom(Object.keys(files));
    if (file === undefined) return input;
    const choice = random.below(20);
    if (choice === 0) return textOf({ ...files, ...filesIn(random.pickFrom(others) ?? input) });
    if (choice === 1) return textOf({ ...files, [file]: hostileText(random) });
    if (choice === 2)
      return textOf(Object.fromEntries(Object.entries(files).filter(([name]) => name !== file)));
    return textOf({ ...files, [file]: varyJson(files[file] ?? '', random) });
  },
  async read(input, folder, job) {
    const checkout = path.join(folder, 'checkout');
    const outside = path.join(folder, 'outside');
    await writeFile(outside, 'precious');
    await write(checkout, filesIn(input));
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
    if ((await readFile(outside, 'utf8')) !== 'precious') throw new Error('a file outside was changed');
  },
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

/** One reader's refusal doesn't keep the next from its turn. */
async function expectingProblems(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

async function write(checkout: string, files: CheckoutFiles): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(checkout, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

function textOf(files: CheckoutFiles): Buffer {
  return Buffer.from(JSON.stringify(files, undefined, 1), 'utf8');
}

function filesIn(input: Buffer): CheckoutFiles {
  return JSON.parse(input.toString('utf8')) as CheckoutFiles;
}
