import { stat } from 'node:fs/promises';
import path from 'node:path';
import { budgetFile } from '../budget/rules';
import { readConfig } from '../checkout/config';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { isAtOrBelow } from '../checkout/paths';
import { stateFile } from '../checkout/state';
import { concurrently } from '../files/concurrently';
import { describeFileKind, ignoreMissing, pathExists } from '../files/file-problem';
import { type ListedFile, listFolder } from '../files/list-files';
import type { JsonObject } from '../json/value';
import { Problem } from '../problem';

/** What lies in a checkout that may be a part of its state; paths are below it. */
export interface CheckoutListing {
  /** Symbolic links count as the file that they lead to. */
  readonly files: readonly ListedFile[];
  /** What is no file, and what it is: `a folder`. Folders are here only where a file was committed. */
  readonly strangers: ReadonlyMap<string, string>;
  /** What can't be looked at, and why. */
  readonly unseen: ReadonlyMap<string, Problem>;
}

/**
 * Lists a checkout as pvr walks it, but for what no commit should take: another checkout below it, whose `.pvr` may hold tokens, git's
 * own folder, and the one of the objects; and the rules that its weights are held to, which are no device's.
 *
 * @param committed what the last commit holds is listed wherever it lies.
 * @throws Problem when the checkout's folder can't be listed.
 */
export async function listCheckout(
  checkout: OpenedCheckout,
  committed: JsonObject,
): Promise<CheckoutListing> {
  const { directory } = checkout;
  const objects = await objectsFolder(checkout);
  const unseen = new Map<string, Problem>();
  const passedOver: string[] = [];
  const isPassedOver = async (folder: string): Promise<boolean> => {
    const isForeign =
      folder === '.pvr' ||
      folder === '.pv' ||
      folder === objects ||
      path.posix.basename(folder) === '.git' ||
      (await pathExists(path.join(directory, folder, stateFile)));
    if (isForeign) passedOver.push(folder);
    return isForeign;
  };
  const listing = await listFolder(directory, (file, problem) => unseen.set(file, problem), isPassedOver);
  const { folders, others } = listing;
  const files = listing.files.filter(({ path: file }) => file !== budgetFile || committed.has(file));
  const hidden = [...committed.keys()].filter((file) =>
    passedOver.some((folder) => isAtOrBelow(file, folder)),
  );
  const found = await concurrently(hidden, async (file): Promise<readonly ListedFile[]> => {
    const stats = await stat(path.join(directory, file)).catch(ignoreMissing);
    return stats?.isFile() === true ? [{ path: file, size: stats.size }] : [];
  });
  const strangers = new Map(others.map(({ path: file, kind }) => [file, describeFileKind(kind)]));
  for (const folder of folders) if (committed.has(folder)) strangers.set(folder, 'a folder');
  return { files: [...files, ...found.flat()], strangers, unseen };
}

/** Where objects are kept, as a path below the checkout; one that lies outside is no folder here. */
async function objectsFolder(checkout: OpenedCheckout): Promise<string> {
  try {
    const { objectsDirectory } = await readConfig(checkout);
    return path.relative(checkout.directory, objectsDirectory).split(path.sep).join('/');
  } catch (problem) {
    // Whoever needs it says so.
    if (problem instanceof Problem) return '';
    throw problem;
  }
}
