import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OpenedCheckout } from '../checkout/opened-checkout';
import { isObjectId, specKey } from '../checkout/state';
import { requireSafeKeys } from '../checkout/state-key';
import { syncFile, syncFolder } from '../files/durable';
import { fileProblem, pathExists } from '../files/file-problem';
import type { Job } from '../job';
import { ObjectStore } from '../objects/object-store';
import { Problem } from '../problem';
import { readCommittedState } from '../revision/committed-state';
import { objectStoreOf } from '../revision/object-store-of';
import { isAddress, unpacked } from '../revision/source';

export interface PutRequest {
  /** As it was typed. */
  readonly target: string;
  /** Absolute path that it starts from. */
  readonly folder: string;
  /** The objects alone, into the folder itself. */
  readonly isOnlyObjects: boolean;
}

export interface PutState {
  /** Absolute path. */
  readonly directory: string;
  /** How many objects the state has; how many of them the folder lacked, and their bytes. */
  readonly objects: number;
  readonly newObjects: { readonly count: number; readonly size: number };
}

/**
 * Writes what was committed last to a folder, as an export that is unpacked: its state as `json`, its objects below `objects`. Only this
 * state's, where `pvr put` copies what all checkouts have. What the folder holds of an earlier one stays; its state is the new one when all
 * objects are there.
 *
 * @throws Problem when the target is no folder for that, an object is missing or damaged, or it can't be written; the signal's reason.
 */
export async function putState(
  checkoutDirectory: string,
  { target, folder, isOnlyObjects }: PutRequest,
  job: Job,
): Promise<PutState> {
  const { signal } = job;
  const directory = await requireTarget(target, folder);
  const checkout = new OpenedCheckout(checkoutDirectory);
  const { text, document } = await readCommittedState(checkout);
  requireSafeKeys([...document.keys()].filter((key) => key !== specKey));
  const own = await objectStoreOf(checkout);
  const theirs = new ObjectStore(isOnlyObjects ? directory : path.join(directory, unpacked.objects));
  const ids = [...new Set([...document.values()].filter(isObjectId))].sort();
  const sizes = new Map<string, number>();
  for (const id of ids) sizes.set(id, (await own.sizeOf(id)) ?? 0);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);

  await theirs.make();
  let [done, count, size] = [0, 0, 0];
  for (const id of ids) {
    job.progress('install', done, total);
    done += sizes.get(id) ?? 0;
    if (await theirs.isWhole(id, signal)) continue;
    if (!(await own.has(id))) await own.requireWhole(id, signal);
    const { size: more } = await theirs.receive(id, createReadStream(own.pathOf(id)), {
      source: own.directory,
      signal,
    });
    [count, size] = [count + 1, size + more];
  }
  await theirs.flush();
  if (!isOnlyObjects) await writeState(directory, text);
  return { directory, objects: ids.length, newObjects: { count, size } };
}

/** @returns its absolute path. @throws Problem for what is no folder, or somebody's checkout. */
async function requireTarget(target: string, folder: string): Promise<string> {
  const doing = `putting the last commit to ${target}`;
  if (isAddress(target)) {
    const found = 'it is an address in the network, and only folders are understood so far';
    throw new Problem({ doing, found, remedy: 'Name a folder' });
  }
  const directory = path.resolve(folder, target);
  const isCheckout = path.basename(directory) === '.pvr' || (await pathExists(path.join(directory, '.pvr')));
  if (!isCheckout) return directory;
  const found = 'it is a checkout, whose last commit would be replaced behind the back of its files';
  throw new Problem({ doing, found, remedy: 'Get the state from there, or name another folder' });
}

async function writeState(directory: string, text: string): Promise<void> {
  const file = path.join(directory, unpacked.state);
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { flag: 'wx' });
    await syncFile(draft);
    await rename(draft, file);
    await syncFolder(directory);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw fileProblem(`writing ${file}`, file, error);
  }
}
