import { mkdir, rename, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../../files/durable';
import { fileProblem, ignoreMissing } from '../../files/file-problem';
import { retryWhileInUse } from '../../files/retry-while-in-use';
import { describeError, Problem } from '../../problem';
import { journalPath, type Journal, type JournalStep } from './journal';
import { whatToDoWith } from './set-aside-advice';
import { placesOf, stateOf, statesOf, type Site, type StepState } from './step-state';
import { removeEnded, setAside } from './transaction-folders';

/**
 * Does what the journal says, or what is left of it after an interruption, then removes the transaction's folder. If that
 * turns out to be impossible, everything is put back.
 *
 * What a step replaces or removes is kept in the folder, so each step can be told to be done, to be half done or not to have
 * begun by what lies where; doing and undoing both start from there. What somebody else has put to a step's target is neither
 * replaced nor removed.
 *
 * @throws Problem naming the path that could not be written, or what could not be put back.
 */
export async function applyJournal(site: Site, journal: Journal): Promise<void> {
  try {
    await doAll(site, journal);
  } catch (error) {
    await undoJournal(site, journal, error);
    throw error;
  }
  await removeTransaction(site);
}

/**
 * Puts everything back as it was before the transaction, then removes its folder.
 *
 * @param cause why.
 * @throws Problem when that is impossible. The transaction stays for the next recovery then, or is set aside if that could do
 * no better.
 */
export async function undoJournal(site: Site, journal: Journal, cause?: unknown): Promise<void> {
  try {
    await undoAll(site, journal);
  } catch (error) {
    const after = cause === undefined ? '' : ` (after: ${describeError(cause)})`;
    const isHopeless = error instanceof CannotUndo;
    throw new Problem({
      doing: 'putting the checkout back as it was',
      found: describeError(error) + after,
      remedy: isHopeless
        ? whatToDoWith(await setAside(site.folder))
        : 'Mend what stands in the way; the next command that writes to the checkout finishes the change',
      cause: cause ?? error,
    });
  }
  await removeTransaction(site);
}

/**
 * Ends a transaction: its journal goes first, so nothing is done twice. What can't be removed after that fails nobody.
 *
 * @returns whether all of it is gone.
 */
export async function removeTransaction({ folder }: Site): Promise<boolean> {
  await unlink(journalPath(folder)).catch(ignoreMissing);
  // A journal that came back after a power cut would ask again for what has been done, with nothing kept to tell that by.
  await syncFolder(folder).catch(() => undefined);
  const isGone = await removeEnded(folder);
  // Only when nobody else's is in it.
  await rmdir(path.dirname(folder)).catch(() => undefined);
  return isGone;
}

async function doAll(site: Site, { folders, steps }: Journal): Promise<void> {
  const { checkoutDirectory, folder } = site;
  // All that can be known to be impossible is, before anything is done.
  for (const step of steps) requirePossible(step, await stateOf(site, step));
  for (const step of steps) {
    try {
      await doStep(site, step);
    } catch (error) {
      throw fileProblem(doingOf(step), path.join(checkoutDirectory, step.target), error);
    }
  }
  const changed = [...folders, ...steps.map(({ target }) => target)];
  const touched = new Set(changed.map((target) => path.posix.dirname(target)));
  for (const parent of touched) {
    await syncFolder(path.join(checkoutDirectory, parent)).catch(ignoreMissing);
  }
  await syncFolder(folder);
}

async function doStep(site: Site, step: JournalStep): Promise<void> {
  const state = await stateOf(site, step);
  requirePossible(step, state);
  if (state.standing === 'after') return;
  const { target, staged, kept } = placesOf(site, step);
  const isInTheWay = state.standing === 'before' && step.before.kind !== 'absent';
  if (isInTheWay && !(step.kind === 'replace' && step.isLinked)) await move(target, kept);
  if (staged === undefined) return;
  await mkdir(path.dirname(target), { recursive: true });
  await move(staged, target);
}

function requirePossible(step: JournalStep, state: StepState): void {
  if (state.canFinish) return;
  const isForeign = state.standing === 'foreign';
  throw new Problem({
    doing: doingOf(step),
    found: isForeign
      ? `${state.found}, so somebody else has changed it meanwhile`
      : 'its new content is not what was written, so the disk lost some of it',
    remedy: isForeign ? 'Try again' : 'Check the disk, then build the app again',
  });
}

function doingOf({ kind, target }: JournalStep): string {
  return `${kind === 'replace' ? 'writing' : 'removing'} ${target}`;
}

/** Somebody else has changed what would have to be put back, or has taken what is needed for it. */
class CannotUndo extends Error {}

async function undoAll(site: Site, journal: Journal): Promise<void> {
  const states = await statesOf(site, journal);
  const hopeless = states.find(({ canUndo }) => !canUndo);
  if (hopeless !== undefined) {
    const isForeign = hopeless.standing === 'foreign';
    throw new CannotUndo(isForeign ? hopeless.found : `what was kept of ${hopeless.target} is gone`);
  }
  for (const step of journal.steps.toReversed()) await undoStep(site, step, await stateOf(site, step));
  for (const parent of journal.folders.toReversed()) {
    await rmdir(path.join(site.checkoutDirectory, parent)).catch(() => undefined);
  }
}

async function undoStep(site: Site, step: JournalStep, { standing, canUndo }: StepState): Promise<void> {
  if (!canUndo || standing === 'foreign' || standing === 'before') return;
  const { target, staged, kept } = placesOf(site, step);
  const isInPlace = standing === 'after' && staged !== undefined;
  // What is kept by a link takes the new file's place at once.
  if (isInPlace && !(step.kind === 'replace' && step.isLinked)) await move(target, staged);
  if (step.before.kind !== 'absent') await move(kept, target);
}

function move(from: string, to: string): Promise<void> {
  return retryWhileInUse(() => rename(from, to));
}
