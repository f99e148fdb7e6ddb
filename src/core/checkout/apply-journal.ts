import { lstat, mkdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { describeError, Problem } from '../problem';
import { syncFolder } from './durable';
import { fileProblem, ignoreMissing } from './file-problem';
import { journalPath, type Journal, type JournalStep } from './journal';
import { pathExists } from './path-exists';
import { retryWhileInUse } from './retry-while-in-use';
import { missingParents } from './target-path';

/** Where a transaction takes place. */
export interface Site {
  readonly checkoutDirectory: string;
  /** The transaction's own folder, on the same file system. */
  readonly folder: string;
}

/**
 * Does what the journal says, or what is left of it after an interruption, then removes the transaction's folder. If that
 * turns out to be impossible, everything is put back.
 *
 * Whatever a step replaces or removes is first moved into the folder, so each step can be told to be done, to be half done
 * or not to have begun by what lies where; doing and undoing both start from there.
 *
 * @throws Problem naming the path that could not be written.
 */
export async function applyJournal(site: Site, journal: Journal): Promise<void> {
  try {
    await doAll(site, journal);
  } catch (error) {
    await undoAll(site, journal, error);
    await removeTransaction(site);
    throw error;
  }
  await removeTransaction(site);
}

/**
 * Ends a transaction: its journal goes first, so nothing is done twice. What can't be removed after that, such as a folder of
 * another user that was moved here, fails nobody: it is out of the way, and the next transaction tries again.
 */
export async function removeTransaction({ folder }: Site): Promise<void> {
  await unlink(journalPath(folder)).catch(ignoreMissing);
  // A journal that came back after a power cut would ask again for what has been done, with nothing kept to tell that by.
  await syncFolder(folder).catch(() => undefined);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  // Only when nobody else's is in it.
  await rmdir(path.dirname(folder)).catch(() => undefined);
}

async function doAll(site: Site, { folders, steps }: Journal): Promise<void> {
  const { checkoutDirectory, folder } = site;
  for (const step of steps) await requireInside(site, step);
  for (const step of steps) {
    const doing = `${step.kind === 'replace' ? 'writing' : 'removing'} ${step.target}`;
    try {
      if (step.kind === 'replace') await checkStaged(folder, step);
      await doStep(site, step);
    } catch (error) {
      throw fileProblem(doing, path.join(checkoutDirectory, step.target), error);
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
  const { target, staged, kept } = placesOf(site, step);
  const isDone = staged === undefined ? await pathExists(kept) : !(await pathExists(staged));
  if (isDone) return;
  if (!(await pathExists(kept)) && (await pathExists(target))) await move(target, kept);
  if (staged === undefined) return;
  await mkdir(path.dirname(target), { recursive: true });
  await move(staged, target);
}

/** A disk that loses what it said to have written is the one way for a staged file to be cut short. */
async function checkStaged(
  folder: string,
  { target, staged, size }: Extract<JournalStep, { kind: 'replace' }>,
): Promise<void> {
  const found = await lstat(path.join(folder, staged)).catch(ignoreMissing);
  if (found === undefined || found.size === size) return;
  throw new Problem({
    doing: `writing ${target}`,
    found: `its new content has ${found.size} bytes instead of ${size}, so the disk lost some of it`,
    remedy: 'Check the disk, then build the app again',
  });
}

async function undoAll(site: Site, { folders, steps }: Journal, cause: unknown): Promise<void> {
  const { checkoutDirectory } = site;
  try {
    for (const step of steps.toReversed()) await undoStep(site, step);
    for (const parent of folders.toReversed()) {
      await rmdir(path.join(checkoutDirectory, parent)).catch(() => undefined);
    }
  } catch (error) {
    throw new Problem({
      doing: 'putting the checkout back as it was',
      found: `${describeError(error)} (after: ${describeError(cause)})`,
      remedy: 'Mend what stands in the way; the next command that writes to the checkout finishes the change',
      cause,
    });
  }
}

async function undoStep(site: Site, step: JournalStep): Promise<void> {
  const { target, staged, kept } = placesOf(site, step);
  const isInPlace = staged !== undefined && !(await pathExists(staged)) && (await pathExists(target));
  const isKept = await pathExists(kept);
  if (isInPlace || isKept) await requireInside(site, step);
  if (isInPlace) await move(target, staged);
  if (isKept) await move(kept, target);
}

/** Nothing outside the checkout is reached through a link, whoever put it there meanwhile. */
async function requireInside({ checkoutDirectory }: Site, { target }: JournalStep): Promise<void> {
  await missingParents(checkoutDirectory, target);
}

function placesOf({ checkoutDirectory, folder }: Site, step: JournalStep) {
  return {
    target: path.join(checkoutDirectory, step.target),
    staged: step.kind === 'replace' ? path.join(folder, step.staged) : undefined,
    kept: path.join(folder, step.kept),
  };
}

function move(from: string, to: string): Promise<void> {
  return retryWhileInUse(() => rename(from, to));
}
