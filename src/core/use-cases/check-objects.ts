import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { readConfig } from '../checkout/config';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { concurrently } from '../files/concurrently';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import { compareKeys } from '../json/key-order';
import type { ObjectStore } from '../objects/object-store';
import { Problem } from '../problem';
import { ledgerOf } from './clear-objects';
import { lookAtCheckout } from './steps/seen-checkouts';

/** What was found in a store. Plain data. */
export interface CheckedObjects {
  /** How many objects there are, and their bytes. */
  readonly count: number;
  readonly size: number;
  /** Those whose bytes aren't what their names say, and those that a checkout needs and that aren't there; by name. */
  readonly faults: readonly ObjectFault[];
}

export interface ObjectFault {
  readonly id: string;
  readonly kind: 'damaged' | 'missing';
  /** Absolute paths of what was committed as this, in the checkouts that were seen. */
  readonly files: readonly string[];
  /** Where its content was taken from to mend it; undefined where it is as it was. */
  readonly mendedFrom: string | undefined;
}

/**
 * Reads all objects of a store and tells those that are damaged, or missing where a checkout names them that was ever seen here.
 *
 * @param isRepair put those right whose content a file of these checkouts still has, or another store of theirs. Whatever else is damaged
 * stays where it is.
 * @throws Problem when the store can't be read; the signal's reason.
 */
export async function checkObjects(
  store: ObjectStore,
  { isRepair }: { readonly isRepair: boolean },
  hasher: FileHasher,
  job: Job,
): Promise<CheckedObjects> {
  const ids = await store.list();
  const sizes = new Map<string, number>();
  for (const id of ids) sizes.set(id, (await store.sizeOf(id)) ?? 0);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let done = 0;
  const onBytes = (bytes: number) => job.progress('hash', (done += bytes), total);
  const sums = await concurrently(
    ids,
    // One that can't be read is as good as damaged.
    (id) =>
      hasher.hashFile(store.pathOf(id), job.signal, onBytes).catch(() => {
        job.signal.throwIfAborted();
        return undefined;
      }),
    job.signal,
  );
  const damaged = ids.filter((id, index) => sums[index] !== id);
  const sources = await sourcesOf(store);
  const missing = [...sources].flatMap(([id, { isNeeded }]) => (isNeeded && !sizes.has(id) ? id : []));
  const faults: ObjectFault[] = [];
  for (const id of [...damaged, ...missing].sort(compareKeys)) {
    const { files, objects } = sources.get(id) ?? { files: [], objects: [] };
    const mendedFrom = isRepair ? await mend(store, id, [...files, ...objects], job.signal) : undefined;
    faults.push({ id, kind: sizes.has(id) ? 'damaged' : 'missing', files, mendedFrom });
  }
  if (isRepair) await store.flush();
  return { count: ids.length, size: total, faults };
}

interface Sources {
  readonly files: string[];
  /** In other stores. */
  readonly objects: string[];
  /** The last commit of a checkout that keeps its objects here has it. */
  isNeeded: boolean;
}

/** Where the content of objects may lie that a checkout names. */
async function sourcesOf(store: ObjectStore): Promise<ReadonlyMap<string, Sources>> {
  const sources = new Map<string, Sources>();
  for (const [directory, device] of (await ledgerOf(store)).checkouts) {
    const seen = await lookAtCheckout(directory, device);
    if (seen.standing !== 'there') continue;
    const other = await otherStoreOf(seen.opened, store);
    const committed = new Set((await seen.opened.state()).entries.values());
    for (const [id, files] of seen.files) {
      const known = sources.get(id) ?? { files: [], objects: [], isNeeded: false };
      known.files.push(...files.map((file) => path.join(directory, file)));
      if (other !== undefined) known.objects.push(path.join(other, id));
      else if (committed.has(id)) known.isNeeded = true;
      sources.set(id, known);
    }
  }
  return sources;
}

/** Where a checkout keeps its objects; undefined where that is the store, or nobody can tell. */
async function otherStoreOf(
  checkout: OpenedCheckout,
  { directory }: ObjectStore,
): Promise<string | undefined> {
  try {
    const { objectsDirectory } = await readConfig(checkout);
    const [theirs, own] = await Promise.all([objectsDirectory, directory].map((folder) => realpath(folder)));
    return theirs === own ? undefined : objectsDirectory;
  } catch {
    return undefined;
  }
}

/** @returns what it came from. */
async function mend(
  store: ObjectStore,
  id: string,
  places: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const place of places) {
    try {
      await store.receive(id, createReadStream(place), { source: place, signal });
      return place;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Problem)) throw error;
    }
  }
  return undefined;
}
