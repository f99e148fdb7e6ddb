import { sha256Of } from '../bytes/sha256';
import { readCheckout } from '../checkout/checkout';
import { OpenedCheckout } from '../checkout/opened-checkout';
import { kindOf } from '../checkout/parts';
import { isAtOrBelow, topFolder } from '../checkout/paths';
import { isObjectId } from '../checkout/state';
import type { Job } from '../job';
import { stringifyCanonical } from '../json/canonical';
import type { JsonObject } from '../json/value';
import type { ObjectStore } from '../objects/object-store';
import { Problem } from '../problem';
import { anyOf, remedy, way } from '../remedy';
import { readCommittedState } from '../revision/committed-state';
import { withParts } from '../revision/fragments';
import { objectStoreOf } from '../revision/object-store-of';
import { outcomeOf, type Remote, type Revision } from '../remote/remote';
import type { Remotes } from '../remote/remotes';
import { followRevision } from './follow-revision';
import { outgoingOf, requirePostable, uncommittedIn } from './post';
import { aboutDevice } from './steps/device-objections';
import { aboutPlatform, platformsIn, processorOf } from './steps/device-platform';
import type { Objection } from './steps/objection';
import { type Origin, readOrigin } from './steps/origin';
import { membersAt } from './steps/remote-state';
import { changedParts } from './steps/three-way';

export interface ManyRequest {
  readonly references: readonly string[];
  /** Comes first, and the others when it is good; undefined: the first of them. */
  readonly canary: string | undefined;
  /** Undefined: the apps that changed since the device's revision that the checkout came from. */
  readonly parts: readonly string[] | undefined;
  readonly message: string;
  readonly isDryRun: boolean;
}

/** What became of one device. Plain data. */
export interface OneOfMany {
  readonly remote: string;
  /** How it is found again. */
  readonly address: string;
  /** The newest revision that it has been sent; undefined: none, or nothing was sent. */
  readonly revision: Revision | undefined;
  /** `there`: it had all of it; `waiting`: another one failed before its turn. */
  readonly end: 'good' | 'there' | 'failed' | 'waiting' | 'planned';
  /** The revision that it runs now, as far as it has told. */
  readonly running: string | undefined;
  /** What one should know of it before, and that stops nothing. */
  readonly notes: readonly Objection[];
}

export interface ManyReport {
  /** What was meant. */
  readonly parts: readonly string[];
  readonly devices: readonly OneOfMany[];
  /** Files that aren't as in the last commit, which alone is posted. */
  readonly uncommitted: readonly string[];
}

/** What is told while it goes on. */
export interface ManyNews {
  /** All devices have been looked at, and nothing was sent yet. */
  readonly onChecked?: (
    uncommitted: readonly string[],
    notes: ReadonlyMap<string, readonly Objection[]>,
  ) => void;
  readonly onChange: (remote: string, revision: Revision) => void;
}

/**
 * Posts parts of the last commit onto each device's own newest revision: one device first, and the others, one after the other, once
 * it runs them. The first failure ends it. Begun again, it goes on: what a device has already it isn't sent again, and one that is at
 * work on it is waited for.
 *
 * @throws Problem before anything is sent, when devices aren't there or would refuse it: of all of them at once.
 */
export async function postToMany(
  checkoutDirectory: string,
  { references, canary, parts: named, message, isDryRun }: ManyRequest,
  remotes: Remotes,
  job: Job,
  { onChecked, onChange }: ManyNews,
): Promise<ManyReport> {
  const checkout = new OpenedCheckout(checkoutDirectory);
  const { document: own } = await readCommittedState(checkout);
  const store = await objectStoreOf(checkout);
  const parts = named ?? (await changedApps(checkout, own, remotes, job));
  const order = [...new Set([canary ?? references[0] ?? '', ...references])];
  const targets = await findTargets(order, remotes, { own, parts, store }, job);
  const uncommitted = uncommittedIn(await readCheckout(checkoutDirectory, job.signal));
  onChecked?.(uncommitted, new Map(targets.map(({ remote, notes }) => [remote.name, notes])));
  const devices: OneOfMany[] = [];
  let hasFailed = false;
  for (const one of targets) {
    const { remote, head, state, notes } = one;
    const row = { remote: remote.name, address: remote.address, running: one.running, notes };
    const isThere = head?.stateSha === sha256Of(state) && outcomeOf(head.progress) !== 'bad';
    if (isDryRun || hasFailed) {
      const end = isThere ? 'there' : hasFailed ? 'waiting' : 'planned';
      devices.push({ ...row, revision: undefined, end });
      continue;
    }
    const revision = isThere ? head : await postOne(one, { message, store }, job);
    const onNews = { onChange: (now: Revision) => onChange(remote.name, now) };
    const last =
      outcomeOf(revision.progress) === 'open'
        ? await followRevision(remote, revision.name, onNews, job)
        : revision;
    const isGood = outcomeOf(last.progress) === 'good';
    hasFailed = !isGood;
    devices.push({
      ...row,
      running: isGood ? last.name : one.running,
      revision: last,
      end: isGood ? (isThere ? 'there' : 'good') : 'failed',
    });
  }
  return { parts, devices, uncommitted };
}

/** An app of the last commit, as it is posted to several devices. Plain data. */
export interface PostableApp {
  readonly name: string;
  /** Itself, and the signature that goes with it. */
  readonly parts: readonly string[];
  /** Whether it changed since the device's revision that the checkout came from, as far as anybody knows that. */
  readonly hasChanged: boolean;
}

/** @throws Problem when the device that the checkout came from can't be asked. */
export async function postableApps(
  checkoutDirectory: string,
  remotes: Remotes,
  job: Job,
): Promise<readonly PostableApp[]> {
  const checkout = new OpenedCheckout(checkoutDirectory);
  const { document: own } = await readCommittedState(checkout);
  const origin = await readOrigin(checkout);
  const changed = origin === undefined ? [] : await changedSince(origin, own, remotes, job);
  const folders = [...own.keys()].filter((key) => key.includes('/')).map(topFolder);
  return [...new Set(folders)]
    .filter((name) => isAppIn(own, name))
    .map((name) => {
      const signature = `_sigs/${name}.json`;
      const parts = own.has(signature) ? [name, signature] : [name];
      return { name, parts, hasChanged: parts.some((part) => changed.includes(part)) };
    });
}

interface Target {
  readonly remote: Remote;
  readonly head: Revision | undefined;
  readonly headMembers: JsonObject;
  readonly members: JsonObject;
  readonly state: string;
  readonly running: string | undefined;
  readonly notes: readonly Objection[];
}

/** What all devices would get. */
interface Selected {
  readonly own: JsonObject;
  readonly parts: readonly string[];
  readonly store: ObjectStore;
}

/** @throws Problem that names each device which isn't there, or would refuse it. */
async function findTargets(
  references: readonly string[],
  remotes: Remotes,
  selected: Selected,
  job: Job,
): Promise<readonly Target[]> {
  const targets: Target[] = [];
  const problems: Problem[] = [];
  for (const reference of references) {
    try {
      const { remote } = await remotes.open(reference, job);
      targets.push(await target(remote, selected, job));
    } catch (error) {
      job.signal.throwIfAborted();
      if (!(error instanceof Problem)) throw error;
      problems.push(error);
    }
  }
  const [first] = problems;
  if (first === undefined) return targets;
  if (problems.length === 1) throw first;
  throw new Problem({
    doing: `posting to ${references.join(', ')}`,
    found: `nothing was sent: ${problems.map(({ doing, found }) => `${doing}: ${found}`).join('; ')}`,
    remedy: anyOf(problems.map((problem) => problem.remedy)),
  });
}

async function target(remote: Remote, { own, parts, store }: Selected, job: Job): Promise<Target> {
  const facts = await remote.facts(job);
  const { head: name, running } = facts;
  const doing = `posting to ${remote.name}`;
  if (name === undefined)
    throw new Problem({
      doing,
      found: 'the device has never reported',
      remedy: 'Start it, and let it reach the hub once',
    });
  const [head, headMembers] = await Promise.all([remote.revision(name, job), membersAt(remote, name, job)]);
  const isMeant = (key: string) => parts.some((part) => isAtOrBelow(key, part));
  const selected = new Map([...own].filter(([key]) => isMeant(key)));
  const members = withParts(headMembers, selected, { plus: parts, minus: [] });
  await outgoingOf(selected, store, job);
  const state = stringifyCanonical(members);
  const isGood = outcomeOf(head.progress) === 'good';
  const before = isGood ? { text: stringifyCanonical(headMembers), members: headMembers } : undefined;
  const told = processorOf(facts);
  const ofDevice = told === undefined ? await platformsIn(headMembers) : [told];
  const objections = [
    ...aboutBases(members, parts),
    ...(await aboutDevice({ text: state, members }, before, { onlyNew: true })),
    ...aboutPlatform(parts, selected, ofDevice[0], await platformsIn(own)),
    ...(ofDevice.length === 0 ? [unknownProcessor(remote)] : []),
  ];
  requirePostable(remote, members, state, objections);
  const notes = objections.filter(({ weight }) => weight === 'note');
  return { remote, head, headMembers, members, state, running, notes };
}

function unknownProcessor({ name }: Remote): Objection {
  return {
    weight: 'note',
    found: `nobody knows which processor ${name} has, and whether the apps are made for it`,
    remedy: 'Let the device report once, or look at it',
  };
}

/** An overlay belongs to the very base that it was made against, of the same app or of the one that it extends. */
function aboutBases(members: JsonObject, parts: readonly string[]): readonly Objection[] {
  return parts.flatMap((part) => {
    const source = members.get(`${part}/src.json`);
    const base = source instanceof Map ? (source as JsonObject).get('base') : undefined;
    if (typeof base !== 'string' || members.has(`${base}/root.squashfs`)) return [];
    return [
      {
        weight: 'refusal',
        found: `${part} extends ${base}, which the device does not have`,
        remedy: `Name ${base} among the parts, too`,
      },
    ];
  });
}

async function postOne(
  { remote, head, headMembers, members, state }: Target,
  { message, store }: { readonly message: string; readonly store: ObjectStore },
  job: Job,
): Promise<Revision> {
  const known = new Set([...headMembers.values()].filter(isObjectId));
  const lacking = new Map([...members].filter(([, value]) => isObjectId(value) && !known.has(value)));
  const { objects } = await outgoingOf(lacking, store, job);
  const outgoing = { state, message, after: head?.name, objects, known };
  return (await remote.deliver(outgoing, store, job)).revision;
}

/** What is no app is of one device alone, and goes to others only where it is named. */
async function changedApps(
  checkout: OpenedCheckout,
  own: JsonObject,
  remotes: Remotes,
  job: Job,
): Promise<readonly string[]> {
  const doing = 'looking for what changed';
  const name = remedy`Name the parts, or get the revision of a device with ${way.device('get')}`;
  const origin = await readOrigin(checkout);
  if (origin === undefined)
    throw new Problem({ doing, found: 'nobody knows which revision this checkout came from', remedy: name });
  const changed = await changedSince(origin, own, remotes, job);
  const apps = new Set(changed.filter((part) => isAppIn(own, part)));
  const signatures = changed.filter((part) => apps.has(/^_sigs\/(.+)\.json$/.exec(part)?.[1] ?? ''));
  if (apps.size > 0) return [...apps, ...signatures];
  throw new Problem({ doing, found: `no app has changed since revision ${origin.revision}`, remedy: name });
}

async function changedSince(
  { address, revision }: Origin,
  own: JsonObject,
  remotes: Remotes,
  job: Job,
): Promise<readonly string[]> {
  const { remote } = await remotes.open(address, job);
  return changedParts(await membersAt(remote, revision, job), own).map(({ part }) => part);
}

function isAppIn(own: JsonObject, part: string): boolean {
  return kindOf(topFolder(part)) === 'other' && [...own.keys()].some((key) => key.startsWith(`${part}/`));
}
