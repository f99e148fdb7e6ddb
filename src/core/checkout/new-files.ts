import path from 'node:path';
import { fileProblem } from '../files/file-problem';
import { sha256OfFile } from '../files/hash-file';
import { type ListedFile, listFolder } from '../files/list-files';
import type { TextFiles } from '../files/text-file';
import { stringifyCanonical } from '../json/canonical';
import { parseJson } from '../json/parse';
import { describeKind, isJsonObject, type JsonObject, type JsonValue } from '../json/value';
import { Problem } from '../problem';
import type { ChangingCheckout } from './change/changing-checkout';
import { newFilesPath } from './change/target-path';
import type { Transaction } from './change/transaction';
import { isAtOrBelow } from './paths';
import type { State } from './state';

/** What `.pvr/new` holds: the files that were added since the last commit, by path. @throws Problem when it is broken. */
export async function readNewFiles(checkout: TextFiles): Promise<JsonObject> {
  const text = await checkout.text(newFilesPath);
  return text === undefined ? new Map() : parseNewFiles(text);
}

export function parseNewFiles(text: string): JsonObject {
  const remedy = 'Delete it, then add your new files again with pvr add';
  const document = parseJson(text, newFilesPath, remedy);
  if (isJsonObject(document)) return document;
  throw new Problem({
    doing: `reading ${newFilesPath}`,
    found: `it holds ${describeKind(document)} instead of an object`,
    remedy,
  });
}

/**
 * The text of `.pvr/new` after files came and went, as `pvr add` writes it: canonical JSON, for every file the sha256 of its
 * bytes (for JSON files too; pvr libpvr/repolib.go, addPvrFile). Files of the pristine state are tracked without it.
 *
 * @param added sha256 by path.
 * @param removed paths; entries of files in removed folders go too.
 * @returns undefined when nothing is left to be said: pvr has no file then.
 */
export function updatedNewFiles(
  existing: JsonObject,
  state: State,
  { added, removed }: { readonly added: ReadonlyMap<string, string>; readonly removed: readonly string[] },
): string | undefined {
  const isRemoved = (file: string) => removed.some((gone) => isAtOrBelow(file, gone));
  const entries = new Map<string, JsonValue>([...existing].filter(([file]) => !isRemoved(file)));
  for (const [file, sha256] of added) {
    if (!state.entries.has(file)) entries.set(file, newFileEntry(sha256));
  }
  return entries.size === 0 ? undefined : stringifyCanonical(entries);
}

/** @param isRaw what `pvr add --raw` says: a JSON file, too, is committed by its sha256. */
export function newFileEntry(sha256: string, isRaw = false): JsonObject {
  return new Map<string, JsonValue>([
    ['ForceObject', isRaw],
    ['Sha', sha256],
  ]);
}

/**
 * Makes the transaction also do what `pvr add` would be needed for after it: all files that these apps are made of are
 * tracked, and removed ones forgotten. Without that, `pvr commit` leaves new files out, and a device gets a revision that
 * names volumes that don't exist. Whatever else lies in their folders, a note or a core dump, stays what it is: devices would
 * get it. To be called last, before the commit.
 *
 * @throws Problem when `.pvr/new` is broken or a file can't be read.
 */
export async function trackApps(change: ChangingCheckout, apps: readonly string[]): Promise<void> {
  const { directory, transaction } = change;
  const [state, existing] = await Promise.all([change.state(), readNewFiles(change)]);
  /** Where the content of each file lies that the apps are going to have, and its sha256 where that is known. */
  const contents = new Map<string, { readonly file: string; readonly sha256?: string | undefined }>();
  for (const app of apps) {
    for (const file of await partsThatStay(transaction, app)) {
      contents.set(`${app}/${file.path}`, { file: path.join(directory, app, file.path) });
    }
  }
  const removed: string[] = [];
  const replaced = new Set<string>();
  for (const step of transaction.changes) {
    const { target } = step;
    if (step.kind === 'replace') {
      replaced.add(target);
      if (apps.some((app) => target.startsWith(`${app}/`)))
        contents.set(target, { file: step.staged, sha256: step.sha256 });
    } else {
      removed.push(target);
      for (const file of contents.keys()) if (isAtOrBelow(file, target)) contents.delete(file);
    }
  }

  const added = new Map<string, string>();
  for (const [target, { file, sha256 }] of contents) {
    const needsEntry = replaced.has(target) || !existing.has(target);
    if (needsEntry && !state.entries.has(target)) added.set(target, sha256 ?? (await sha256Of(file)));
  }
  await change.write(newFilesPath, updatedNewFiles(existing, state, { added, removed }));
}

/**
 * What else lies in the folder may be anything: the lock of an editor, for one, is a link that leads nowhere.
 * @throws Problem when one of the app's own files can't be looked at.
 */
async function partsThatStay(transaction: Transaction, app: string): Promise<readonly ListedFile[]> {
  if (transaction.isChanged(app)) return [];
  const { files } = await listFolder(path.join(transaction.checkoutDirectory, app), (file, problem) => {
    if (mayHoldPart(file) && !transaction.isChanged(`${app}/${file}`)) throw problem;
  });
  return files.filter((file) => isPartOfApp(file.path));
}

/** The manifests of what dm-verity verifies. */
const verityFolder = '_dm';

const partsOfApp: readonly RegExp[] = [
  /^(src|run|build)\.json$/,
  /^lxc\.container\.conf$/,
  // A volume, with the digest of its image and its hash tree.
  /^[^/]+\.squashfs(\.(docker-digest|rootfs-digest|hash))?$/,
  /^_dm\/[^/]+\.json$/,
];

/** @param file path of a file or folder below the app's folder. */
function mayHoldPart(file: string): boolean {
  return file === verityFolder || isPartOfApp(file);
}

/** @param file path below the app's folder. */
function isPartOfApp(file: string): boolean {
  return partsOfApp.some((pattern) => pattern.test(file));
}

async function sha256Of(file: string): Promise<string> {
  try {
    return await sha256OfFile(file);
  } catch (error) {
    throw fileProblem('adding new files to the checkout', file, error);
  }
}
