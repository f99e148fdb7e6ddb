import { lstat, readdir, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { Problem } from '../problem';
import { applyJournal, removeTransaction } from './apply-journal';
import { fileProblem, isMissing } from './file-problem';
import { readJournal } from './journal';

/** What became of interrupted transactions. */
export interface Recovery {
  /** Those that were committed, and are done now. */
  readonly finished: number;
  /** Those that were not, of which nothing remains. */
  readonly dropped: number;
}

export function transactionsFolder(checkoutDirectory: string): string {
  return path.join(checkoutDirectory, '.pvr', 'tmp');
}

/**
 * Ends what an interrupted process left behind in a checkout: a committed transaction is finished, another one dropped.
 * Whoever calls this holds the checkout's lock.
 *
 * @throws Problem.
 */
export async function recover(checkoutDirectory: string): Promise<Recovery> {
  const recovery = { finished: 0, dropped: 0 };
  for (const folder of await interruptedTransactions(checkoutDirectory)) {
    const site = { checkoutDirectory, folder };
    try {
      const journal = await readJournal(folder);
      if (journal === undefined) {
        await removeTransaction(site);
        recovery.dropped++;
      } else {
        await applyJournal(site, journal);
        recovery.finished++;
      }
    } catch (error) {
      throw fileProblem('finishing an interrupted change of the checkout', folder, error);
    }
  }
  // A process that was killed right after its last file leaves the empty folder.
  await rmdir(transactionsFolder(checkoutDirectory)).catch(() => undefined);
  return recovery;
}

/** The folders of transactions that are under way or were interrupted. */
export async function interruptedTransactions(checkoutDirectory: string): Promise<readonly string[]> {
  const parent = transactionsFolder(checkoutDirectory);
  try {
    for (const folder of [path.dirname(parent), parent]) {
      if (!(await lstat(folder)).isDirectory()) throw notAFolder(folder);
    }
    const entries = await readdir(parent, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && isTransactionName(entry.name))
      .map(({ name }) => path.join(parent, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileProblem('looking for interrupted changes', parent, error);
  }
}

function isTransactionName(name: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
}

/** A symbolic link could make us remove files elsewhere. */
function notAFolder(folder: string): Problem {
  return new Problem({
    doing: 'looking for interrupted changes',
    found: `${folder} is not a folder of its own`,
    remedy: 'Replace it by a folder',
  });
}
