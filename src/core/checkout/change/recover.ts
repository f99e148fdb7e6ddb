import { rmdir } from 'node:fs/promises';
import { fileProblem } from '../../files/file-problem';
import { Problem } from '../../problem';
import { removeIndexDrafts } from '../hashes/index-file';
import { OpenedCheckout } from '../opened-checkout';
import { applyJournal, removeTransaction, undoJournal } from './apply-journal';
import { type Journal, readJournal } from './journal';
import { type Done, type KnownFile, rememberBuilt } from './remember-built';
import { whatToDoWith } from './set-aside-advice';
import { type Site, statesOf, type StepState } from './step-state';
import { interruptedTransactions, removeRemains, setAside, transactionsFolder } from './transaction-folders';

/** What became of a transaction that was interrupted. `what` is what it was for: `updating web`. */
export type Recovered =
  /** It is done now. */
  | { readonly outcome: 'finished'; readonly what: string }
  /** The checkout is as it was before. `found` is a clause: why it couldn't be finished. */
  | { readonly outcome: 'undone'; readonly what: string; readonly found: string }
  /** It hadn't come to its commit, or was past its end: nothing was to be done but tidying up. */
  | { readonly outcome: 'tidied' }
  /** Nothing was done about it. `what` is undefined when this version doesn't understand its journal. */
  | {
      readonly outcome: 'set-aside';
      readonly what: string | undefined;
      /** A clause. */
      readonly found: string;
      /** Where all of it lies now: below the checkout, with `/` between its parts. */
      readonly folder: string;
    };

/**
 * Ends what interrupted processes left behind in a checkout. A transaction that was committed is finished, or undone where
 * that is impossible; another one is dropped. That of which a target is neither as it was nor as it was to be is left alone
 * for good, since somebody has changed it in the meantime. Whoever calls this holds the checkout's lock.
 *
 * @throws Problem.
 */
export async function recover(checkoutDirectory: string): Promise<readonly Recovered[]> {
  const all: Recovered[] = [];
  for (const folder of await interruptedTransactions(checkoutDirectory)) {
    try {
      const recovered = await recoverOne({ checkoutDirectory, folder });
      if (recovered !== undefined) all.push(recovered);
    } catch (error) {
      throw fileProblem('ending an interrupted change of the checkout', folder, error);
    }
  }
  await removeRemains(checkoutDirectory);
  await removeIndexDrafts(checkoutDirectory);
  // A process that was killed right after its last file leaves the empty folder.
  await rmdir(transactionsFolder(checkoutDirectory)).catch(() => undefined);
  return all;
}

/** What a person is told about it: a sentence with its final stop. */
export function describeRecovered(recovered: Recovered): string {
  switch (recovered.outcome) {
    case 'finished':
      return `${interrupted(recovered.what)}; it is finished now.`;
    case 'undone':
      return `${interrupted(recovered.what)}, and could not be finished, since ${recovered.found}; the checkout is as it was before.`;
    case 'tidied':
      return 'An earlier command was interrupted; what it left has been removed, and the checkout is unchanged by that.';
    case 'set-aside':
      return `${interrupted(recovered.what)}, and is neither finished nor undone, since ${recovered.found}. ${whatToDoWith(recovered.folder)}.`;
  }
}

function interrupted(what: string | undefined): string {
  return `An earlier command was interrupted${what === undefined ? '' : ` while ${what}`}`;
}

/** Undefined when it is no news: what can't be removed of it is out of the way. */
async function recoverOne(site: Site): Promise<Recovered | undefined> {
  const { folder } = site;
  const journal = await readJournal(folder);
  if (journal === 'none') {
    return (await removeTransaction(site)) ? { outcome: 'tidied' } : undefined;
  }
  if (journal === 'unknown') {
    const found = 'its journal is not one that this version can trust';
    return { outcome: 'set-aside', what: undefined, found, folder: await setAside(folder) };
  }
  const { what } = journal;
  const lookedAt = Date.now();
  const states = await statesOf(site, journal);
  const reason = reasonToLeaveAlone(states);
  if (reason !== undefined) {
    const found = [reason, ...progressOf(states)].join('; ');
    return { outcome: 'set-aside', what, found, folder: await setAside(folder) };
  }
  const lost = states.find(({ canFinish }) => !canFinish);
  if (lost === undefined) {
    await finish(site, journal);
    // Whoever was interrupted hadn't come to that. It makes later work shorter, and is never needed.
    await rememberBuilt(new OpenedCheckout(site.checkoutDirectory), doneBy(journal, lookedAt)).catch(
      () => undefined,
    );
    return { outcome: 'finished', what };
  }
  await undoJournal(site, journal);
  return { outcome: 'undone', what, found: `the new ${lost.target} is gone or damaged` };
}

async function finish(site: Site, journal: Journal): Promise<void> {
  try {
    await applyJournal(site, journal);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { doing, found, remedy } = error;
    throw new Problem({
      doing: `finishing what was interrupted while ${journal.what}`,
      found: `${doing}: ${found}`,
      remedy,
      cause: error,
    });
  }
}

/** @param lookedAt milliseconds since 1970, before its files were found to be those that were written. */
function doneBy({ steps }: Journal, lookedAt: number): Done {
  const removed: string[] = [];
  const present = new Map<string, KnownFile>();
  for (const step of steps) {
    if (step.kind === 'remove') removed.push(step.target);
    else present.set(step.target, { sha256: step.after.sha256, hashedAt: lookedAt });
  }
  return { removed, present };
}

/** A clause; undefined when it can be finished or undone. */
function reasonToLeaveAlone(states: readonly StepState[]): string | undefined {
  const foreign = states.flatMap((state) => (state.standing === 'foreign' ? [state.found] : []));
  if (foreign.length > 0) return foreign.join(', ');
  const lost = states.filter(({ canFinish }) => !canFinish);
  const stuck = states.filter(({ canUndo }) => !canUndo);
  if (lost.length === 0 || stuck.length === 0) return undefined;
  return `the new ${namesOf(lost)} and the old ${namesOf(stuck)} are gone or damaged`;
}

/** Clauses that say which files are the new ones already, and which are not. */
function progressOf(states: readonly StepState[]): readonly string[] {
  const done = states.filter(({ standing }) => standing === 'after');
  const open = states.filter(({ standing }) => standing === 'before' || standing === 'moved');
  return [
    ...(done.length > 0 ? [`already changed: ${namesOf(done)}`] : []),
    ...(open.length > 0 ? [`not yet changed: ${namesOf(open)}`] : []),
  ];
}

function namesOf(states: readonly StepState[]): string {
  return states.map(({ target }) => target).join(', ');
}
