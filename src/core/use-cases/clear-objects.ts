import { fileProblem } from '../files/file-problem';
import type { Job } from '../job';
import type { ObjectStore } from '../objects/object-store';
import { appendToLedger, readLedger, type StoreLedger } from '../objects/store-ledger';
import { shortList } from '../presentation/short-list';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { lookAtCheckout, type SeenCheckout } from './steps/seen-checkouts';

/** So long (milliseconds) an object is kept that nobody names: somebody may be about to. */
const grace = 30 * 24 * 60 * 60 * 1000;
/** FAT rounds times to two seconds. */
const coarsestTime = 2000;

export interface ClearRequest {
  readonly isPreview: boolean;
  /** Take checkouts for gone that can't be looked at. */
  readonly isForced: boolean;
}

export interface Figures {
  readonly count: number;
  /** Bytes. */
  readonly size: number;
}

/** What is in a store, by what becomes of it. Plain data. */
export interface ClearedObjects {
  /** Sorted sha256s of what went, or would go. */
  readonly removed: readonly string[];
  readonly removedSize: number;
  /** What processes that were killed left. */
  readonly drafts: Figures;
  /** Added from here, and named by a checkout. */
  readonly named: Figures;
  /** Added from here, named by none, and needed in the last 30 days. */
  readonly recent: Figures;
  /** Added, or written since, by others: pvr, whose checkouts nobody here knows. */
  readonly foreign: Figures;
  /** Checkouts that were looked at. */
  readonly checkouts: readonly string[];
  /** Those that are not there any more. */
  readonly gone: readonly string[];
}

/**
 * Removes objects from a store that came from here, that no checkout names which was ever seen here, and that nobody has needed for 30
 * days. All others stay: the store is pvr's, too.
 *
 * @throws Problem when a checkout that may name some can't be looked at, or the store can't be read; the signal's reason.
 */
export async function clearObjects(
  store: ObjectStore,
  { isPreview, isForced }: ClearRequest,
  job: Job,
): Promise<ClearedObjects> {
  const ledger = await ledgerOf(store);
  const seen: SeenCheckout[] = [];
  for (const [directory, device] of ledger.checkouts) seen.push(await lookAtCheckout(directory, device));
  requireKnown(seen, isForced);
  const isNamed = (id: string) => seen.some((one) => one.standing === 'there' && one.files.has(id));

  const removed: string[] = [];
  const [cleared, named, recent, foreign] = [tally(), tally(), tally(), tally()];
  const now = Date.now();
  for (const id of await store.list()) {
    job.signal.throwIfAborted();
    const [size, writtenAt] = [await store.sizeOf(id), await store.writtenAt(id)];
    if (size === undefined || writtenAt === undefined) continue;
    const neededAt = ledger.own.get(id) ?? -Infinity;
    const lastOwn = neededAt + coarsestTime;
    const isOld = neededAt < now - grace;
    const kept = writtenAt > lastOwn ? foreign : isNamed(id) ? named : isOld ? undefined : recent;
    if (kept !== undefined) kept.add(size);
    else if (isPreview || (await store.clearAway(id, lastOwn))) {
      cleared.add(size);
      removed.push(id);
    }
  }
  const drafts = await store.removeOwnDrafts({ isPreview });
  const gone = seen.filter(({ standing }) => standing !== 'there').map(({ directory }) => directory);
  if (!isPreview) {
    await store.flush();
    await appendToLedger(
      store.directory,
      gone.map((forgotten) => ({ forgotten })),
    ).catch(() => undefined);
  }
  return {
    removed,
    removedSize: cleared.figures().size,
    drafts,
    named: named.figures(),
    recent: recent.figures(),
    foreign: foreign.figures(),
    checkouts: seen
      .filter(({ standing }) => standing === 'there')
      .map(({ directory }) => directory)
      .sort(),
    gone: gone.sort(),
  };
}

/** What is known of a store from here. @throws Problem when it can't be read. */
export async function ledgerOf({ directory }: ObjectStore): Promise<StoreLedger> {
  return readLedger(directory).catch((error: unknown) => {
    throw fileProblem('reading what is known of the objects', directory, error);
  });
}

function requireKnown(seen: readonly SeenCheckout[], isForced: boolean): void {
  const unknown = seen.filter((one) => one.standing === 'unknown');
  if (unknown.length === 0 || isForced) return;
  throw new Problem({
    doing: 'looking for objects that nobody needs',
    found: `these checkouts have used the store and can't be looked at: ${shortList(
      unknown.map(({ directory, found }) => `${directory} (${found})`),
      5,
    )}`,
    remedy: remedy`Mount the drives they lie on, and mend what is broken; if they are gone for good, take them for gone with ${way.force()}`,
  });
}

function tally() {
  let [count, size] = [0, 0];
  return {
    add: (bytes: number) => {
      count += 1;
      size += bytes;
    },
    figures: (): Figures => ({ count, size }),
  };
}
