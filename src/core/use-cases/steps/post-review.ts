import { type RestartImpact, restartImpact } from '../../checkout/restart-impact';
import { ownerOf } from '../../checkout/revision-weight';
import { policiesIn } from '../../checkout/state-policies';
import { isObjectId, specKey } from '../../checkout/state';
import type { Job } from '../../job';
import { compareKeys } from '../../json/key-order';
import { parseJson } from '../../json/parse';
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../../json/value';
import { Absence } from '../../net/network-failure';
import type { ObjectStore } from '../../objects/object-store';
import { Problem } from '../../problem';
import type { DeviceFacts, Remote, Revision } from '../../remote/remote';
import { membersAt } from './remote-state';
import { changedParts } from './three-way';

/** What a revision would mean to its device: what a person wants to know before it is posted. Plain data; sizes are bytes. */
export interface PostReview {
  /** The revision that it is compared with: what the device runs, else its newest; undefined: it has none yet. */
  readonly against: string | undefined;
  /** The revision that the device goes back to when one fails; undefined: there is none, or nobody knows. */
  readonly lastDone: string | undefined;
  /** What it changes for the device, by app. */
  readonly parts: readonly ReviewedPart[];
  /** What all of that together restarts. */
  readonly restart: RestartImpact;
  /** Objects that the device lacks, each once. */
  readonly download: number;
  readonly disk: DiskWeight;
}

/** An app with its `_config`, or what else lies at the top. */
export interface ReviewedPart {
  readonly name: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Keys of the state, in their order. */
  readonly files: readonly string[];
  /** Of the objects that the device lacks; what several parts share counts for each. */
  readonly download: number;
  readonly restart: RestartImpact;
}

/** What lies on the device's disk once it runs the revision, as it keeps what runs and what it goes back to meanwhile. */
export interface DiskWeight {
  /** Objects of all three revisions, each once. */
  readonly kept: number;
  /** Of this one alone. */
  readonly own: number;
  /** How many objects nobody could tell the size of; they aren't in {@link kept}. */
  readonly unknown: number;
  /** What the device has said that it has left; undefined: nothing. */
  readonly free: number | undefined;
}

/** A revision that is to go out, and what is known of its device. */
export interface Reviewed {
  readonly remote: Remote;
  readonly facts: DeviceFacts;
  readonly head: Revision | undefined;
  readonly headMembers: JsonObject;
  readonly members: JsonObject;
  readonly store: ObjectStore;
}

/**
 * Weighs a revision for its device, which has the objects of what it runs and of what was DONE last, and fetches all others.
 *
 * @throws Problem; the job's reason.
 */
export async function reviewPost(
  { remote, facts, head, headMembers, members, store }: Reviewed,
  job: Job,
): Promise<PostReview> {
  const lastDone = await lastDoneOf(remote, head, job);
  const states = { remote, head, headMembers };
  const running = facts.running === undefined ? undefined : await membersOf(facts.running, states, job);
  const against = running === undefined ? head?.name : facts.running;
  const before = running ?? headMembers;
  const done = lastDone === undefined ? undefined : await membersOf(lastDone, states, job);

  const onDevice = new Set(
    [running, done].flatMap((state) => (state === undefined ? [] : [...idsIn(state)])),
  );
  const own = idsIn(members);
  const kept = new Set([...onDevice, ...own]);
  const sizes = await sizesOf(kept, { remote, store, revisions: [against, lastDone] }, job);
  const lacking = (ids: Iterable<string>) => sum(new Set([...ids].filter((id) => !onDevice.has(id))), sizes);
  const policies = [...policiesIn(members)];
  const known = new Set(policies.map(({ name }) => name));
  policies.push(...policiesIn(before).filter(({ name }) => !known.has(name)));
  const parts = byOwner(before, members, new Set(policies.map(({ name }) => name)));
  return {
    against,
    lastDone,
    parts: parts.map(({ name, kind, files }) => ({
      ...{ name, kind, files },
      download: lacking(idsAt(members, files)),
      restart: restartImpact(files, policies),
    })),
    restart: restartImpact(
      parts.flatMap(({ files }) => files),
      policies,
    ),
    download: lacking(own),
    disk: {
      kept: sum(kept, sizes),
      own: sum(own, sizes),
      unknown: [...kept].filter((id) => !sizes.has(id)).length,
      free: freeIn(facts.deviceMeta),
    },
  };
}

/** What a device goes back to (pantavisor, bootloader's pv_done): UPDATED doesn't count, a power cut undoes that. */
async function lastDoneOf(remote: Remote, head: Revision | undefined, job: Job): Promise<string | undefined> {
  if (head === undefined) return undefined;
  if (head.progress.status === 'DONE') return head.name;
  return (await remote.revisions(job)).findLast(({ progress }) => progress.status === 'DONE')?.name;
}

/** Undefined of what the remote doesn't have, as what a device got from elsewhere. */
async function membersOf(
  name: string,
  { remote, head, headMembers }: Pick<Reviewed, 'remote' | 'head' | 'headMembers'>,
  job: Job,
): Promise<JsonObject | undefined> {
  if (name === head?.name) return headMembers;
  try {
    return await membersAt(remote, name, job);
  } catch (error) {
    job.signal.throwIfAborted();
    if (error instanceof Problem && !(error instanceof Absence)) return undefined;
    throw error;
  }
}

/** The changed parts of two states, an app's `_config` being a part of it, as a device sees it. */
function byOwner(
  before: JsonObject,
  after: JsonObject,
  apps: ReadonlySet<string>,
): readonly Pick<ReviewedPart, 'name' | 'kind' | 'files'>[] {
  const byPart = new Map<string, string[]>();
  for (const file of changedParts(before, after).flatMap((part) => part.files)) {
    if (file === specKey) continue;
    const owner = ownerOf(file, apps);
    byPart.set(owner, [...(byPart.get(owner) ?? []), file]);
  }
  const hasPart = (state: JsonObject, name: string) =>
    [...state.keys()].some((key) => ownerOf(key, apps) === name);
  return [...byPart]
    .map(([name, own]) => {
      const kind = !hasPart(before, name) ? 'added' : !hasPart(after, name) ? 'removed' : 'changed';
      return { name, kind, files: own.sort(compareKeys) } as const;
    })
    .sort((a, b) => compareKeys(a.name, b.name));
}

/** Sizes of objects: of what the store has, and of the others as the remote knows them. */
async function sizesOf(
  ids: ReadonlySet<string>,
  {
    remote,
    store,
    revisions,
  }: {
    readonly remote: Remote;
    readonly store: ObjectStore;
    readonly revisions: readonly (string | undefined)[];
  },
  job: Job,
): Promise<ReadonlyMap<string, number>> {
  const known = new Map<string, number>();
  for (const id of ids) {
    const size = await store.sizeOf(id);
    if (size !== undefined) known.set(id, size);
  }
  for (const name of new Set(revisions)) {
    if (name === undefined || [...ids].every((id) => known.has(id))) continue;
    for (const [id, size] of (await remote.objectSizes?.(name, job)) ?? [])
      if (!known.has(id)) known.set(id, size);
  }
  return known;
}

function idsIn(members: JsonObject): ReadonlySet<string> {
  return idsAt(members, [...members.keys()]);
}

function idsAt(members: JsonObject, keys: readonly string[]): ReadonlySet<string> {
  return new Set(
    keys
      .filter((key) => key !== specKey)
      .map((key) => members.get(key))
      .filter((value): value is string => value !== undefined && isObjectId(value)),
  );
}

function sum(ids: Iterable<string>, sizes: ReadonlyMap<string, number>): number {
  return [...ids].reduce((all, id) => all + (sizes.get(id) ?? 0), 0);
}

/** Of `storage` in what a device tells of itself: an object, or the text of one (pantavisor storage.c, pv_storage_get_json). */
function freeIn(meta: JsonObject): number | undefined {
  const storage = asObject(meta.get('storage'));
  const free = storage?.get('real_free') ?? storage?.get('free');
  return free instanceof JsonNumber ? Number(free.text) : undefined;
}

function asObject(value: JsonValue | undefined): JsonObject | undefined {
  if (isJsonObject(value)) return value;
  if (typeof value !== 'string') return undefined;
  try {
    const parsed = parseJson(value, 'storage');
    return isJsonObject(parsed) ? parsed : undefined;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
