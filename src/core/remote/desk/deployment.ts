import { isObjectId, specKey } from '../../checkout/state';
import type { Job } from '../../job';
import { parseJson } from '../../json/parse';
import { isJsonObject, type JsonObject } from '../../json/value';
import { stringifyCanonical } from '../../json/canonical';
import { Absence } from '../../net/network-failure';
import { pause } from '../../net/retry';
import type { ObjectStore } from '../../objects/object-store';
import { shortList } from '../../presentation/short-list';
import { formatSize } from '../../presentation/size';
import { Problem } from '../../problem';
import { numberOf, objectOf, textOf } from '../fields';
import { Overtaken } from '../overtaken';
import { outcomeOf, type SentObjects } from '../remote';
import { noSpace, type PvCtrl } from './pv-ctrl';
import { progressOf } from './progress';
import { freshName } from './step-name';

export interface Deployment {
  readonly state: string;
  readonly message: string;
  /** The revision that has to run still when this one is to take its place; undefined: whichever it is. */
  readonly after: string | undefined;
}

export interface Deployed {
  readonly name: string;
  readonly sent: SentObjects;
}

/** How often a state is sent that the device removes again. */
const rounds = 3;
/** Milliseconds for which a command of somebody else is waited for. */
const longestWait = 90_000;
const commitMessageBytes = 256;

/**
 * Brings a state and its objects to a device, in the order that does no harm (local-device, 3.9 with 5.10): the step under a name that
 * nobody has, so that a refusal comes before anything large is sent; then what is missing of its objects; then a look at all of it, since
 * the garbage collector removes steps that haven't run. What is gone is sent again, under yet another name.
 *
 * @throws Problem, and the device has nothing that it would run.
 */
export async function bringState(
  ctrl: PvCtrl,
  { state, message, after }: Deployment,
  store: ObjectStore,
  job: Job,
): Promise<Deployed> {
  const { name: device } = ctrl.way;
  const doing = `sending a revision to ${device}`;
  const files = objectsOf(state);
  await requireCalm(ctrl, after, job);
  const room = (await ctrl.meta('device', job)).get('storage');
  const first = await lacking(ctrl, files, store, doing, job);
  const bytes = await sizeOf(first, store);
  const free = isJsonObject(room) ? numberOf(room, 'real_free') : undefined;
  if (free !== undefined && bytes + Buffer.byteLength(state) > free)
    throw new Problem({
      doing,
      ...noSpace,
      found: `${formatSize(bytes)} are to be sent, and the device has room for ${formatSize(free)}`,
    });
  const tried = new Set((await ctrl.steps(job)).map(({ name }) => name));
  const sent = { count: 0, bytes: 0 };
  for (let round = 1; round <= rounds; round += 1) {
    const name = await putFresh(ctrl, state, tried, job);
    if (message !== '') await putMessage(ctrl, name, message, job);
    let missing = await lacking(ctrl, files, store, doing, job);
    for (let turn = 1; missing.length > 0 && turn <= rounds; turn += 1) {
      const more = await sizeOf(missing, store);
      await sendAll(ctrl, missing, files, store, job);
      [sent.count, sent.bytes] = [sent.count + missing.length, sent.bytes + more];
      missing = await lacking(ctrl, files, store, doing, job);
    }
    const there = await ctrl.state(name, job);
    if (missing.length === 0 && there !== undefined && isSame(there, state)) return { name, sent };
  }
  throw new Problem({
    doing,
    found: 'the device removes again what it is sent, as it does when it is short of space',
    remedy: 'Have it clear away what it needs no more, or make the state smaller',
  });
}

/**
 * Has a device run a step that is there with all its objects, once nothing else is at work on it.
 *
 * @throws Problem, and nothing has changed; Overtaken when another revision runs than is to be followed.
 */
export async function runStep(
  ctrl: PvCtrl,
  name: string,
  after: string | undefined,
  job: Job,
): Promise<void> {
  const doing = `running revision ${name} of ${ctrl.way.name}`;
  const before = textOf(await ctrl.progress(name, job), 'status');
  const end = Date.now() + longestWait;
  for (;;) {
    await requireCalm(ctrl, after, job);
    await requireWhole(ctrl, name, doing, job);
    let wait: true | number;
    try {
      wait = await ctrl.command('LOCAL_RUN', name, doing, job);
    } catch (error) {
      job.signal.throwIfAborted();
      // Whether it was taken shows soon: a command that waits runs after a few seconds.
      if (!(error instanceof Absence) || Date.now() > end) throw error;
      if (await hasBegun(ctrl, name, before, job)) return;
      continue;
    }
    if (wait === true) return;
    if (Date.now() > end)
      throw new Problem({
        doing,
        found: 'the device is at work on something else',
        remedy: 'Wait for its end, and try again',
      });
    job.warn(`${ctrl.way.name} is at work on something else; waiting for its end`);
    await pause(Math.min(wait * 1_000, 3_000), job.signal);
  }
}

/** @throws Problem while an update runs, or the device isn't up; Overtaken. */
async function requireCalm(ctrl: PvCtrl, after: string | undefined, job: Job): Promise<void> {
  const { name: device } = ctrl.way;
  const doing = `looking what ${device} does`;
  const meta = await ctrl.meta('device', job);
  const [status, running] = [textOf(meta, 'pantavisor.status'), textOf(meta, 'pantavisor.revision')];
  const wait = 'Wait until the device has come to an end with it, and try again';
  const progress = await ctrl.progress('current', job);
  const current = progress && progressOf(progress);
  if (current !== undefined && outcomeOf(current) === 'open' && current.status !== 'NEW')
    throw new Problem({
      doing,
      found: `it is at work on revision ${running} (${current.status})`,
      remedy: wait,
    });
  if (status !== '' && status !== 'READY')
    throw new Problem({ doing, found: `it is not ready: it says ${status}`, remedy: wait });
  if (after !== undefined && running !== '' && running !== after) throw new Overtaken(device, running);
}

/** Of a step without its objects, a device finds out when it has stopped what ran (local-device, 1.4). @throws Problem. */
async function requireWhole(ctrl: PvCtrl, name: string, doing: string, job: Job): Promise<void> {
  const state = await ctrl.state(name, job);
  const remedy = 'Post it again';
  // A command for what isn't there makes a step that can't run.
  if (state === undefined) throw new Problem({ doing, found: 'the device has no such revision', remedy });
  const there = await ctrl.objects(job);
  const gone = [...objectsOf(state)].filter(([id]) => !there.has(id)).map(([, file]) => file);
  if (gone.length > 0)
    throw new Problem({ doing, found: `the device lacks objects of it: ${shortList(gone, 5)}`, remedy });
}

async function hasBegun(ctrl: PvCtrl, name: string, before: string, job: Job): Promise<boolean> {
  for (let look = 1; look <= 8; look += 1) {
    await pause(1_000, job.signal);
    try {
      const status = textOf(await ctrl.progress(name, job), 'status');
      if (status !== before) return true;
    } catch (error) {
      job.signal.throwIfAborted();
      if (!(error instanceof Absence)) throw error;
      // It goes down, and only a command does that.
      return true;
    }
  }
  return false;
}

/** Puts a step under a name that no step has; never a second time under one that may have come through. */
async function putFresh(ctrl: PvCtrl, state: string, tried: Set<string>, job: Job): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const name = freshName(state, new Date(), tried);
    tried.add(name);
    // Somebody else may have made one of this name since the steps were listed.
    if ((await ctrl.progress(name, job)) !== undefined) continue;
    try {
      await ctrl.putStep(name, state, job);
      return name;
    } catch (error) {
      job.signal.throwIfAborted();
      if (!(error instanceof Absence)) throw error;
      const there = await ctrl.state(name, job).catch(() => undefined);
      job.signal.throwIfAborted();
      if (there !== undefined && isSame(there, state)) return name;
      if (attempt === rounds) throw error;
    }
  }
}

async function putMessage(ctrl: PvCtrl, name: string, message: string, job: Job): Promise<void> {
  try {
    await ctrl.putMessage(name, cutTo(message, commitMessageBytes), job);
  } catch (error) {
    job.signal.throwIfAborted();
    if (!(error instanceof Problem)) throw error;
    job.warn(`The revision has no message on the device: ${error.found}`);
  }
}

/** Between two characters. */
function cutTo(text: string, bytes: number): string {
  let end = text.length;
  while (Buffer.byteLength(text.slice(0, end)) > bytes) end -= 1;
  return text.slice(0, end).replace(/[\uD800-\uDBFF]$/, '');
}

/** The objects that a state names, with the first file of each. */
export function objectsOf(state: string): ReadonlyMap<string, string> {
  const members = membersOf(state);
  const files = new Map<string, string>();
  for (const [file, id] of members)
    if (file !== specKey && isObjectId(id) && !files.has(id)) files.set(id, file);
  return files;
}

function membersOf(state: string): JsonObject {
  const members = parseJson(state, 'the state', 'Correct the state, and commit it anew');
  if (isJsonObject(members)) return members;
  throw new Problem({
    doing: 'reading the state',
    found: 'it is no object',
    remedy: 'Correct the state, and commit it anew',
  });
}

function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    return stringifyCanonical(membersOf(one)) === stringifyCanonical(membersOf(other));
  } catch {
    return false;
  }
}

/** What the device doesn't have. @throws Problem when this machine hasn't got it either. */
async function lacking(
  ctrl: PvCtrl,
  files: ReadonlyMap<string, string>,
  store: ObjectStore,
  doing: string,
  job: Job,
): Promise<readonly string[]> {
  const there = await ctrl.objects(job);
  const missing = [...files.keys()].filter((id) => !there.has(id));
  const nowhere: string[] = [];
  for (const id of missing) if (!(await store.has(id))) nowhere.push(files.get(id) ?? id);
  if (nowhere.length === 0) return missing;
  throw new Problem({
    doing,
    found: `neither the device nor this machine has ${shortList(nowhere, 5)}`,
    remedy: 'Bring the objects from where the revision was made, and try again',
  });
}

async function sizeOf(ids: readonly string[], store: ObjectStore): Promise<number> {
  let total = 0;
  for (const id of ids) total += (await store.sizeOf(id)) ?? 0;
  return total;
}

/** One after the other: the device has one loop for all. */
async function sendAll(
  ctrl: PvCtrl,
  ids: readonly string[],
  files: ReadonlyMap<string, string>,
  store: ObjectStore,
  job: Job,
): Promise<void> {
  const total = await sizeOf(ids, store);
  let done = 0;
  job.progress('send', 0, total);
  for (const id of ids) {
    await ctrl.putObject(id, files.get(id) ?? id, store, job);
    job.progress('send', (done += (await store.sizeOf(id)) ?? 0), total);
  }
}

/** Bytes of the device's disk; undefined where it doesn't say. */
export function storageOf(
  deviceMeta: JsonObject,
): { readonly used: number; readonly max: number } | undefined {
  const storage = objectOf(deviceMeta, 'storage');
  if (!storage.has('total') || !storage.has('real_free')) return undefined;
  const max = numberOf(storage, 'total');
  return { used: max - numberOf(storage, 'real_free'), max };
}
