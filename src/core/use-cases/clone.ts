import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { configFile, configText, readConfig } from '../checkout/config';
import { messageFile } from '../checkout/checkout';
import { initCheckout } from '../checkout/init';
import { OpenedCheckout } from '../checkout/opened-checkout';
import { isObjectId, specKey, stateFile } from '../checkout/state';
import { originPath } from '../checkout/change/target-path';
import { fileProblem, ignoreMissing } from '../files/file-problem';
import type { FileHasher } from '../files/hash-file';
import { makeFolder } from '../files/make-folder';
import type { Job } from '../job';
import { stringifyCanonical } from '../json/canonical';
import type { JsonObject } from '../json/value';
import { ObjectStore } from '../objects/object-store';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { leftBehind, parseFragments, selectMembers, wholeState } from '../revision/fragments';
import type { Revision } from '../remote/remote';
import type { Remotes } from '../remote/remotes';
import { originText } from './steps/origin';
import { stateAt } from './steps/remote-state';
import { restore } from './restore';

export interface CloneRequest {
  /** Which device, with a revision and parts where they are named. */
  readonly reference: string;
  /** One that is named apart; see {@link running}. */
  readonly revision: string | undefined;
  /** Absolute path; undefined: a folder of the device's name in `parent`. */
  readonly folder: string | undefined;
  readonly parent: string;
  readonly objectsDirectory: string;
}

/** In place of a revision: the one that the device runs. */
export const running = 'running';

export interface Cloned {
  readonly folder: string;
  readonly remote: string;
  readonly revision: Revision;
  readonly files: number;
  /** Objects that it names. */
  readonly objects: number;
  readonly leftBehind: readonly string[];
}

/**
 * Makes a checkout of a device's revision, with its files. It appears as a whole; what is there of its objects isn't fetched again, also
 * not after one that was killed.
 *
 * @throws Problem, and there is nothing new; the job's reason.
 */
export async function clone(
  { reference, revision: wanted, folder, parent, objectsDirectory }: CloneRequest,
  remotes: Remotes,
  hasher: FileHasher,
  job: Job,
): Promise<Cloned> {
  const { remote, revision: named, parts } = await remotes.open(reference, job, 'public');
  const facts = await remote.facts(job);
  const name = wanted === running ? facts.running : (wanted ?? named ?? facts.head);
  if (name === undefined) throw nothingToClone(remote.name, wanted);
  const target = folder ?? path.join(parent, facts.nick);
  const doing = `cloning ${remote.name}`;
  await requireRoom(target, doing);
  const { revision, text, members, name: source } = await stateAt(remote, name, job);
  const fragments = parts === undefined ? wholeState : parseFragments(parts);
  const selected = withSpec(selectMembers(members, fragments, source), members);
  const ids = new Set([...selected.values()].filter(isObjectId));
  const store = new ObjectStore(objectsDirectory);
  await store.make();
  await remote.bring(name, ids, store, job);
  await store.flush();
  const address = { address: remote.address, name: remote.name, revision: name };
  const isWhole = parts === undefined;
  const files = await appear(target, doing, async (draft) => {
    await initCheckout(draft, { objectsDirectory });
    const config = await readConfig(new OpenedCheckout(draft));
    const urls = ['DefaultGetUrl', 'DefaultPutUrl', 'DefaultPostUrl'].map(
      (key) => [key, remote.address] as const,
    );
    await Promise.all([
      // The bytes of which the hub made its hash, where all of them are meant.
      writeFile(path.join(draft, stateFile), isWhole ? text : stringifyCanonical(selected)),
      writeFile(path.join(draft, configFile), configText(new Map([...config.document, ...urls]))),
      writeFile(path.join(draft, messageFile), revision.message),
      writeFile(path.join(draft, originPath), originText(address)),
    ]);
    const request = { patterns: [], isForced: false, form: 'indented', way: 'copy' } as const;
    return (await restore(draft, request, hasher, job, store)).files.length;
  });
  return {
    ...{ folder: target, remote: remote.name, revision, files, objects: ids.size },
    leftBehind: leftBehind(members, fragments),
  };
}

function withSpec(selected: JsonObject, members: JsonObject): JsonObject {
  const spec = members.get(specKey);
  return spec === undefined ? selected : new Map([[specKey, spec], ...selected]);
}

/** Has a folder be made beside its place, and puts it there when it is whole. */
async function appear<Result>(
  target: string,
  doing: string,
  make: (draft: string) => Promise<Result>,
): Promise<Result> {
  const [parent, name] = [path.dirname(target), path.basename(target)];
  const prefix = `.${name}.pvx-clone-`;
  const draft = path.join(parent, `${prefix}${process.pid}-${randomUUID()}`);
  try {
    await makeFolder(parent);
    await removeLeftovers(parent, prefix);
    await mkdir(draft);
    const result = await make(draft);
    // Of an empty folder nothing is lost.
    await rmdir(target).catch(ignoreMissing);
    await rename(draft, target);
    return result;
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw error instanceof Error && error.name === 'AbortError' ? error : fileProblem(doing, target, error);
  }
}

/** What those left that were killed. */
async function removeLeftovers(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [, pid] = name.startsWith(prefix) ? (/^(\d+)-/.exec(name.slice(prefix.length)) ?? []) : [];
    if (pid !== undefined && !isRunning(Number(pid)))
      await rm(path.join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function requireRoom(target: string, doing: string): Promise<void> {
  const names = await readdir(target).catch((error: unknown) => {
    if (ignoreMissingFolder(error)) return undefined;
    throw fileProblem(doing, target, error);
  });
  if (names === undefined || names.length === 0) return;
  throw new Problem({
    doing,
    found: `${target} is there, and holds something`,
    remedy: 'Name another folder, or empty this one',
  });
}

function ignoreMissingFolder(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function nothingToClone(name: string, wanted: string | undefined): Problem {
  if (wanted === running)
    return new Problem({
      doing: `cloning ${name}`,
      found: 'the device has not told which revision it runs',
      remedy: remedy`Choose a revision from those that ${way.device('revisions')} lists`,
    });
  return new Problem({
    doing: `cloning ${name}`,
    found: 'it has no revision: the device has never reported',
    remedy: 'Start the device, and let it reach the hub once',
  });
}
