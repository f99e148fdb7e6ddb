import { appendFile, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isSha256 } from '../bytes/sha256-name';
import { isMissing, pathExists } from '../files/file-problem';
import { recordOf } from '../json/record';

/** What is written down of a store, a line each. Times are milliseconds since 1970. */
export type LedgerEntry =
  /** An object that nobody had put there before. */
  | { readonly added: string; readonly at: number }
  /** One that was there, and was needed again. */
  | { readonly used: string; readonly at: number }
  | { readonly removed: string }
  /** The absolute path of a checkout that keeps its objects there, and the device (st_dev) that it lies on. */
  | { readonly checkout: string; readonly device: string }
  | { readonly forgotten: string };

/** How the lines begin that say something of an object, as {@link appendToLedger} writes them. */
const isOfObject = /^\{"(?:added|used|removed)":/;

/** What comes of all lines. */
export interface StoreLedger {
  /** Objects that came from here, and when they were needed last. */
  readonly own: ReadonlyMap<string, number>;
  /** The devices of the checkouts that were seen, by their paths. */
  readonly checkouts: ReadonlyMap<string, string>;
}

/** Of a store that nothing is known about. */
export const emptyLedger: StoreLedger = { own: new Map(), checkouts: new Map() };

/**
 * What was done with a store from here. Stores are pvr's, and shared with it; so this lies beside the folder, `pvx-objects` for `objects`,
 * or in the `.pvr` of the checkout that the folder lies in: pvr looks at neither.
 *
 * The file only ever grows, so that any number of processes may write to it; a line that was cut off counts for nothing.
 */
export async function readLedger(storeDirectory: string): Promise<StoreLedger> {
  return ledgerOf(await entriesOf(storeDirectory));
}

function ledgerOf(entries: readonly LedgerEntry[]): StoreLedger {
  const own = new Map<string, number>();
  const checkouts = new Map<string, string>();
  for (const entry of entries) {
    if ('added' in entry) own.set(entry.added, entry.at);
    else if ('used' in entry) {
      if (own.has(entry.used)) own.set(entry.used, entry.at);
    } else if ('removed' in entry) own.delete(entry.removed);
    else if ('checkout' in entry) checkouts.set(entry.checkout, entry.device);
    else checkouts.delete(entry.forgotten);
  }
  return { own, checkouts };
}

/** @throws what the system says. */
export async function appendToLedger(storeDirectory: string, entries: readonly LedgerEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const lines = entries.map((entry) => JSON.stringify(entry)).join('\n');
  // The line before may have been cut off.
  await appendFile(await ledgerFile(storeDirectory), `\n${lines}\n`);
}

/** Writes down that a checkout keeps its objects in a store that is there. Where it can't be written, the checkout stays unknown. */
export async function noteCheckout(storeDirectory: string, checkoutDirectory: string): Promise<void> {
  try {
    // Nearly all lines are of objects, and every command for revisions comes here.
    const [checkout, entries] = await Promise.all([
      realpath(checkoutDirectory),
      entriesOf(storeDirectory, (line) => !isOfObject.test(line)),
    ]);
    const { checkouts } = ledgerOf(entries);
    const device = String((await stat(checkout, { bigint: true })).dev);
    if (checkouts.get(checkout) !== device) await appendToLedger(storeDirectory, [{ checkout, device }]);
  } catch {
    // It is needed to clear up alone, which then leaves more than it might.
  }
}

/** By the folder itself, however it was named. One that lies among a checkout's files would have the ledger be one of them. */
async function ledgerFile(storeDirectory: string): Promise<string> {
  const directory = await realpath(storeDirectory);
  const parent = path.dirname(directory);
  const checkout = path.basename(parent) === '.pvr' ? undefined : await checkoutAround(parent);
  return path.join(
    checkout === undefined ? parent : path.join(checkout, '.pvr'),
    `pvx-${path.basename(directory)}`,
  );
}

async function checkoutAround(folder: string): Promise<string | undefined> {
  if (await pathExists(path.join(folder, '.pvr', 'json'))) return folder;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : checkoutAround(parent);
}

async function entriesOf(
  storeDirectory: string,
  isWanted: (line: string) => boolean = () => true,
): Promise<readonly LedgerEntry[]> {
  try {
    const text = await readFile(await ledgerFile(storeDirectory), 'utf8');
    return text
      .split('\n')
      .filter(isWanted)
      .flatMap((line) => entryIn(line) ?? []);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function entryIn(line: string): LedgerEntry | undefined {
  const { added, used, removed, checkout, device, forgotten, at } = fieldsIn(line) ?? {};
  if (isSha256(added) && isTime(at)) return { added, at };
  if (isSha256(used) && isTime(at)) return { used, at };
  if (isSha256(removed)) return { removed };
  if (typeof checkout === 'string' && typeof device === 'string') return { checkout, device };
  if (typeof forgotten === 'string') return { forgotten };
  return undefined;
}

function fieldsIn(line: string): Readonly<Record<string, unknown>> | undefined {
  if (line === '') return undefined;
  try {
    return recordOf(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
