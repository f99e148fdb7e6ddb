import { lstat, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../../files/durable';
import { fileProblem, isMissing } from '../../files/file-problem';
import { retryWhileInUse } from '../../files/retry-while-in-use';
import { Problem } from '../../problem';
import { readJournal } from './journal';

/** A transaction that can be neither finished nor undone any more. */
export interface SetAside {
  /** Where all of it lies: below the checkout, with `/` between its parts. */
  readonly folder: string;
  /** `updating web`; undefined when its journal doesn't say it to this version. */
  readonly what: string | undefined;
}

const prefix = 'set-aside-';
const remainsPrefix = 'remains-';
const id = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.source;
const transactionName = new RegExp(`^${id}$`);
const setAsideName = new RegExp(`^${prefix}${id}$`);
const remainsName = new RegExp(`^${remainsPrefix}${id}$`);

export function transactionsFolder(checkoutDirectory: string): string {
  return path.join(checkoutDirectory, '.pvr', 'tmp');
}

/** The folders of transactions that are under way or were interrupted. @throws Problem. */
export function interruptedTransactions(checkoutDirectory: string): Promise<readonly string[]> {
  return foldersNamed(checkoutDirectory, transactionName);
}

/** @throws Problem. */
export async function setAsideTransactions(checkoutDirectory: string): Promise<readonly SetAside[]> {
  const folders = await foldersNamed(checkoutDirectory, setAsideName);
  return Promise.all(
    folders.map(async (folder) => {
      const journal = await readJournal(folder).catch(() => 'unknown' as const);
      return { folder: shownPath(folder), what: typeof journal === 'string' ? undefined : journal.what };
    }),
  );
}

/**
 * Lets a transaction be: nobody takes it up again, and nothing in it is lost, as it may hold the only copy of a file.
 *
 * @returns where it lies then: below the checkout, with `/` between its parts.
 * @throws what the system says.
 */
export async function setAside(folder: string): Promise<string> {
  const parent = path.dirname(folder);
  const aside = path.join(parent, prefix + path.basename(folder));
  await retryWhileInUse(() => rename(folder, aside));
  await syncFolder(parent);
  return shownPath(aside);
}

/**
 * Removes the folder of a transaction that has ended. What can't be removed, such as a folder of another user that was moved
 * here, is out of the way, and is no interrupted transaction to anybody: {@link removeRemains} tries again.
 *
 * @returns whether all of it is gone.
 */
export async function removeEnded(folder: string): Promise<boolean> {
  if (await removeFolder(folder)) return true;
  const remains = path.join(path.dirname(folder), remainsPrefix + path.basename(folder));
  await retryWhileInUse(() => rename(folder, remains)).catch(() => undefined);
  return false;
}

/** Removes what earlier transactions couldn't, as far as that goes by now. @throws Problem. */
export async function removeRemains(checkoutDirectory: string): Promise<void> {
  for (const folder of await foldersNamed(checkoutDirectory, remainsName)) await removeFolder(folder);
}

/** @returns whether it is gone. */
async function removeFolder(folder: string): Promise<boolean> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    return true;
  } catch {
    return false;
  }
}

function shownPath(folder: string): string {
  return `.pvr/tmp/${path.basename(folder)}`;
}

async function foldersNamed(checkoutDirectory: string, name: RegExp): Promise<readonly string[]> {
  const parent = transactionsFolder(checkoutDirectory);
  try {
    for (const folder of [path.dirname(parent), parent]) {
      if (!(await lstat(folder)).isDirectory()) throw notAFolder(folder);
    }
    const entries = await readdir(parent, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && name.test(entry.name))
      .map((entry) => path.join(parent, entry.name))
      .sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileProblem('looking for interrupted changes', parent, error);
  }
}

/** A symbolic link could make us remove files elsewhere. */
function notAFolder(folder: string): Problem {
  return new Problem({
    doing: 'looking for interrupted changes',
    found: `${folder} is not a folder of its own`,
    remedy: 'Replace it by a folder',
  });
}
