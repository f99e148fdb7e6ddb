import { brokenIn, describeVerdict, judge, type Judgement } from '../budget/judge';
import { OverBudget } from '../budget/over-budget';
import { budgetFile, limitKeys, type Rule, withGiven } from '../budget/rules';
import { sha256Of } from '../bytes/sha256';
import { rulesOf } from '../checkout/budget';
import { asOnlyWriter } from '../checkout/change/change-checkout';
import { originPath } from '../checkout/change/target-path';
import { type Checkout, messageFile, readCheckout } from '../checkout/checkout';
import { unsafeInteger } from '../checkout/committed-document';
import { readConfig } from '../checkout/config';
import { describeContradiction, severityOf } from '../checkout/contradictions/contradictions';
import { OpenedCheckout } from '../checkout/opened-checkout';
import { isObjectId, specKey } from '../checkout/state';
import { requireSafeKeys } from '../checkout/state-key';
import type { UncommittedFile } from '../checkout/uncommitted';
import { concurrently } from '../files/concurrently';
import type { Job } from '../job';
import { stringifyCanonical } from '../json/canonical';
import type { JsonObject, JsonValue } from '../json/value';
import type { ObjectStore } from '../objects/object-store';
import { Absence } from '../net/network-failure';
import { shortList } from '../presentation/short-list';
import { formatSize } from '../presentation/size';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { readCommittedState } from '../revision/committed-state';
import { objectStoreOf } from '../revision/object-store-of';
import {
  outcomeOf,
  type OutgoingObject,
  type Remote,
  type Quota,
  type Revision,
  type SentObjects,
} from '../remote/remote';
import type { Remotes } from '../remote/remotes';
import { aboutDevice, judgedByState } from './steps/device-objections';
import { aboutPlatform, processorOf } from './steps/device-platform';
import { aboutLeavingHub } from './steps/leaving-hub';
import type { Objection } from './steps/objection';
import { originText, readOrigin } from './steps/origin';
import { membersAt, revisionOfState } from './steps/remote-state';
import { type PostReview, reviewPost } from './steps/post-review';
import { weightsOfState } from './steps/state-weights';
import { changedParts, type PartChange } from './steps/three-way';

export interface PostRequest {
  /** Undefined: the device that the checkout came from. */
  readonly reference: string | undefined;
  /** Undefined: the last commit's own. */
  readonly message: string | undefined;
  /** Say what would happen, and send nothing. */
  readonly isDryRun: boolean;
  /** Also where the device has another state than this checkout came from, or would refuse this one. */
  readonly isForced: boolean;
  /** Limits for this once, in place of those of the checkout. */
  readonly rules?: readonly Rule[];
  /** Weigh it also where no rule is about what a device downloads. */
  readonly isWeighed?: boolean;
}

/** What a post is going to do, and what is true before it. */
export interface PostPlan {
  readonly remote: string;
  /** The name that the revision is going to have, where nobody comes before. */
  readonly revision: string;
  readonly head: Revision | undefined;
  readonly running: string | undefined;
  /** The revision that this checkout came from; undefined: nobody knows. */
  readonly base: string | undefined;
  /** What it changes for the device, against its newest revision. */
  readonly changes: readonly PartChange[];
  /**
   * Objects that have to be sent. Of a dry run each has been asked for (`isExact`); else they are those that the newest revision doesn't
   * name, some of which may be there all the same.
   */
  readonly missing: { readonly count: number; readonly bytes: number; readonly isExact: boolean };
  /** Bytes of the state itself. */
  readonly stateSize: number;
  readonly stateSha: string;
  /** Of the account, in bytes; undefined where nobody says. */
  readonly quota: Quota | undefined;
  /** What it means to the device; only where nothing is sent, or a rule is about what it downloads. */
  readonly review: PostReview | undefined;
  /** Files that aren't as in the last commit, which alone is posted; paths below the checkout. */
  readonly uncommitted: readonly string[];
  /** What it weighs, and what the rules say of that; undefined: there is none, and nobody wants to know. */
  readonly budget: Judgement | undefined;
  readonly objections: readonly Objection[];
}

export interface Posted {
  readonly plan: PostPlan;
  /** Undefined of a dry run, and where the device's newest revision is this one already. */
  readonly revision: Revision | undefined;
  readonly sent: SentObjects;
}

/** A device reads at most 2 MiB of all that waits for it together (pantavisor, trail.c, BODY_MAX_LEN). */
const maxState = 2 * 1024 * 1024;
const largeState = 1024 * 1024;
const specs = new Set([
  'pantavisor-service-system@1',
  'pantavisor-multi-platform@1',
  'pantavisor-service-embed@1',
]);

/**
 * Posts the last commit to a device as its next revision, once all that can be known before has been looked at: nothing goes out that
 * somebody else's revision would be lost by, or that the device would refuse.
 *
 * @param onPlan told what is going to happen, before anything is sent.
 * @throws Problem, and the device has no new revision; the job's reason.
 */
export async function post(
  checkoutDirectory: string,
  request: PostRequest,
  remotes: Remotes,
  job: Job,
  onPlan?: (plan: PostPlan) => void,
): Promise<Posted> {
  const { message, isDryRun, isForced, rules = [], isWeighed = false } = request;
  const { remote } = await openRemoteOf(checkoutDirectory, request.reference, remotes, job);
  return asOnlyWriter(checkoutDirectory, `posting to ${remote.name}`, job, async (change) => {
    const nothing = { count: 0, bytes: 0 };
    const outgoing = await readOutgoing(change);
    const origin = await readOrigin(change);
    const base =
      origin === undefined
        ? await revisionOfState(remote, outgoing.text, job)
        : origin.address === remote.address
          ? origin.revision
          : undefined;
    const { objects, known, ...plan } = await planPost(
      checkoutDirectory,
      { remote, outgoing, base, isDryRun, isWeighed, rules: withGiven(await rulesOf(change), rules) },
      job,
    );
    onPlan?.(plan);
    const stopping = plan.objections.filter(
      ({ weight }) => weight === 'never' || (weight === 'refusal' && !isForced),
    );
    if (isDryRun) return { plan, revision: undefined, sent: nothing };
    const remember = async (name: string) => {
      const text = originText({ address: remote.address, name: remote.name, revision: name });
      await change.write(originPath, text);
      await change.transaction.commit(job.signal);
    };
    const { head } = plan;
    if (head?.stateSha === plan.stateSha && isStanding(head) && !isForced) {
      await remember(head.name);
      return { plan, revision: undefined, sent: nothing };
    }
    if (stopping.length > 0) throw standsInTheWay(remote.name, stopping);
    const text = message ?? (await change.text(messageFile)) ?? '';
    const { revision, sent } = await remote.deliver(
      { state: outgoing.text, message: text, after: head?.name, objects, known },
      outgoing.store,
      job,
    );
    await remember(revision.name);
    return { plan, revision, sent };
  });
}

/** The device that is named, or that a checkout came from, by our own note or by what pvr keeps. @throws Problem. */
export async function openRemoteOf(
  checkoutDirectory: string | undefined,
  reference: string | undefined,
  remotes: Remotes,
  job: Job,
) {
  if (reference !== undefined) return remotes.open(reference, job);
  if (checkoutDirectory !== undefined) {
    const checkout = new OpenedCheckout(checkoutDirectory);
    const origin = await readOrigin(checkout);
    if (origin !== undefined) return remotes.open(origin.address, job);
    const { document } = await readConfig(checkout);
    const urls = ['DefaultPostUrl', 'DefaultPutUrl', 'DefaultGetUrl'].map((key) => document.get(key));
    const url = urls.find((one): one is string => typeof one === 'string' && /^https?:\/\//.test(one));
    if (url !== undefined) return remotes.open(url, job);
  }
  throw new Problem({
    doing: 'looking for the device',
    found: 'none was named, and nothing says which one this checkout came from',
    remedy: remedy`Name one of those that ${way.device('ps')} lists`,
  });
}

/** A state that is ready to go out. */
export interface Outgoing {
  readonly text: string;
  readonly members: JsonObject;
  readonly objects: readonly OutgoingObject[];
  readonly store: ObjectStore;
}

/** The last commit; its objects are looked at when it is known which of them have to go out. */
export async function readOutgoing(checkout: OpenedCheckout): Promise<Omit<Outgoing, 'objects'>> {
  const { document } = await readCommittedState(checkout);
  requireSafeKeys([...document.keys()].filter((key) => key !== specKey));
  return { text: stringifyCanonical(document), members: document, store: await objectStoreOf(checkout) };
}

/** @throws Problem when an object is missing or damaged. */
export async function outgoingOf(members: JsonObject, store: ObjectStore, job: Job): Promise<Outgoing> {
  const files = new Map<string, string>();
  for (const [file, id] of members)
    if (file !== specKey && isObjectId(id) && !files.has(id)) files.set(id, file);
  const objects = await concurrently(
    [...files],
    async ([id, file]): Promise<OutgoingObject> => {
      await store.requireWhole(id, job.signal);
      return { id, file, size: (await store.sizeOf(id)) ?? 0 };
    },
    job.signal,
  );
  return { text: stringifyCanonical(members), members, objects, store };
}

/** A plan, the objects that may have to be sent, and those that the device's newest revision has, and that are there therefore. */
type WholePlan = PostPlan & {
  readonly objects: readonly OutgoingObject[];
  readonly known: ReadonlySet<string>;
};

async function planPost(
  checkoutDirectory: string,
  {
    remote,
    outgoing,
    base,
    isDryRun,
    isWeighed,
    rules,
  }: {
    readonly remote: Remote;
    readonly outgoing: Omit<Outgoing, 'objects'>;
    readonly base: string | undefined;
    readonly isDryRun: boolean;
    readonly isWeighed: boolean;
    readonly rules: readonly Rule[];
  },
  job: Job,
): Promise<WholePlan> {
  const { text, members, store } = outgoing;
  const facts = await remote.facts(job);
  const { head: headName, running, deviceMeta } = facts;
  const [head, headMembers] =
    headName === undefined
      ? [undefined, new Map() as JsonObject]
      : await Promise.all([remote.revision(headName, job), membersAt(remote, headName, job)]);
  const known = new Set([...headMembers.values()].filter(isObjectId));
  // A hub has what its revisions name; of a device, all is asked, since it may have lost some.
  const isSent = (value: JsonValue) => isObjectId(value) && (remote.place === 'device' || !known.has(value));
  const { objects } = await outgoingOf(
    new Map([...members].filter(([, value]) => isSent(value))),
    store,
    job,
  );
  const candidates = objects.filter(({ id }) => !known.has(id));
  const asked = isDryRun && candidates.length > 0 ? await remote.missing(candidates, job) : undefined;
  const missing = asked ?? candidates;
  const bytes = missing.reduce((sum, { size }) => sum + size, 0);
  const quota = isDryRun ? await remote.quota(job) : undefined;
  const isReviewed = isDryRun || isWeighed || rules.some(({ measure }) => measure === 'download');
  const review = isReviewed
    ? await reviewPost({ remote, facts, head, headMembers, members, store }, job)
    : undefined;
  const budget =
    isWeighed || rules.length > 0 ? judge(rules, await weightsOfState(members, store, review)) : undefined;
  const stateSha = sha256Of(text);
  const stateSize = Buffer.byteLength(text);
  const changes = changedParts(headMembers, members);
  const isGood = head !== undefined && outcomeOf(head.progress) === 'good';
  const before = isGood ? { text: stringifyCanonical(headMembers), members: headMembers } : undefined;
  const checkout = await readCheckout(checkoutDirectory, job.signal);
  const uncommitted = uncommittedIn(checkout);
  const apps = changes.filter(({ kind }) => kind !== 'removed').map(({ part }) => part);
  const objections = [
    ...(await aboutHead(remote, { head, base, headMembers, stateSha }, job)),
    ...aboutState(members, stateSize),
    ...(review === undefined ? [] : aboutReview(review)),
    ...aboutLeavingHub(remote, deviceMeta),
    ...(await aboutDevice({ text, members }, before, { onlyNew: false })),
    ...aboutPlatform(apps, members, processorOf(facts), []),
    ...aboutCheckout(checkout),
    ...aboutUncommitted(uncommitted),
    ...aboutBudget(budget),
    ...(quota !== undefined && quota.used + bytes > quota.max
      ? [
          {
            weight: 'refusal',
            found: `${formatSize(bytes)} are to be sent, and the ${quota.of} has ${formatSize(Math.max(0, quota.max - quota.used))} left`,
            remedy:
              quota.of === 'account'
                ? 'Delete objects that no device needs any more, or ask for more room'
                : 'Have the device clear away what it needs no more, or make the state smaller',
          } as const,
        ]
      : []),
  ];
  return {
    ...{
      remote: remote.name,
      revision: remote.nextName({ state: text, after: head?.name }),
      head,
      running,
      base,
    },
    ...{
      changes,
      missing: { count: missing.length, bytes, isExact: asked !== undefined || candidates.length === 0 },
      stateSize,
      stateSha,
    },
    ...{ quota, review, uncommitted, budget, objections, objects, known },
  };
}

/** Whether somebody else's revision would be lost, and what waits. */
async function aboutHead(
  remote: Remote,
  {
    head,
    base,
    headMembers,
    stateSha,
  }: {
    readonly head: Revision | undefined;
    readonly base: string | undefined;
    readonly headMembers: JsonObject;
    readonly stateSha: string;
  },
  job: Job,
): Promise<readonly Objection[]> {
  if (head === undefined) return [];
  const objections: Objection[] = [];
  if (base === undefined && head.stateSha !== stateSha)
    objections.push({
      weight: 'refusal',
      found: `nobody knows which revision of ${remote.name} this checkout came from, so that what others posted since could be lost`,
      remedy: remedy`Get its newest one with ${way.device('get')}, or post all the same with ${way.force()}`,
    });
  else if (base !== undefined && base !== head.name) {
    const before = await membersBefore(remote, base, job);
    const theirs = before === undefined ? [] : changedParts(before, headMembers);
    if (before === undefined)
      objections.push({
        weight: 'refusal',
        found: `revision ${head.name} runs, and this checkout came from ${base}, which is gone there: nobody can tell what would be undone`,
        remedy: remedy`Get what runs with ${way.device('get')}, or post all the same with ${way.force()}`,
      });
    else if (theirs.length > 0)
      objections.push({
        weight: 'refusal',
        found: `revision ${head.name} is the newest, and this checkout came from ${base}: what it changed since would be undone (${shortList(
          theirs.map(({ part }) => part),
          8,
        )})`,
        remedy: remedy`Take it with ${way.device('get')}, or undo it with ${way.force()}`,
      });
  }
  const { status } = head.progress;
  if (outcomeOf(head.progress) === 'open')
    objections.push({
      weight: 'note',
      found:
        status === 'NEW'
          ? `revision ${head.name} waits for the device still, which takes it first`
          : `the device is at work on revision ${head.name} (${status}), and comes to this one afterwards`,
      remedy: status === 'NEW' ? remedy`Take it back with ${way.device('cancel')}` : 'Wait for it',
    });
  if (outcomeOf(head.progress) === 'bad' && base === head.name)
    objections.push({
      weight: 'note',
      found: `revision ${head.name}, which this one goes on from, never came to run (${status}${head.progress.message === '' ? '' : `: ${head.progress.message}`})`,
      remedy: 'See to it that this one mends what was wrong',
    });
  return objections;
}

/** What the device itself would refuse, as far as it has told what it has. */
function aboutReview({ download, restart, disk: { free } }: PostReview): readonly Objection[] {
  return [
    ...(free !== undefined && download > free
      ? [
          {
            weight: 'note',
            found: `the device has to download ${formatSize(download)}, and said that it has ${formatSize(free)} left: it deletes what no revision needs any more first, and refuses this one if that is not enough`,
            remedy: 'Make room on the device, or make the revision smaller',
          } as const,
        ]
      : []),
    ...(restart.effect === 'refused'
      ? [{ weight: 'refusal', found: restart.reason, remedy: restart.remedy ?? '' } as const]
      : []),
  ];
}

/** undefined: a device that is reached itself clears away what it needs no more. */
async function membersBefore(remote: Remote, name: string, job: Job): Promise<JsonObject | undefined> {
  return membersAt(remote, name, job).catch((error: unknown) => {
    job.signal.throwIfAborted();
    if (remote.place === 'hub' || !(error instanceof Problem) || error instanceof Absence) throw error;
    return undefined;
  });
}

function isStanding({ progress }: Revision): boolean {
  return outcomeOf(progress) !== 'bad';
}

/** What the hub or a device would refuse by itself, without saying why. */
function aboutState(members: JsonObject, size: number): readonly Objection[] {
  const objections: Objection[] = [];
  const spec = members.get(specKey);
  if (typeof spec !== 'string' || !specs.has(spec))
    objections.push({
      weight: 'never',
      found: `its kind of state, ${JSON.stringify(spec ?? null)}, is none that the hub takes`,
      remedy: `Have "#spec" say one of ${[...specs].join(', ')}`,
    });
  if (members.size <= 1)
    objections.push({
      weight: 'refusal',
      found: 'the state is empty: nothing is committed',
      remedy: 'Commit something first',
    });
  for (const [file, value] of members) {
    const unsafe = unsafeInteger(value);
    if (unsafe === undefined) continue;
    objections.push({
      weight: 'never',
      found: `${file} holds ${unsafe}, which the hub rounds`,
      remedy: 'Write it as a string',
    });
  }
  if (size > maxState)
    objections.push({
      weight: 'never',
      found: `the state has ${formatSize(size)}, and a device reads ${formatSize(maxState)} at most`,
      remedy: 'Commit large JSON files by their sha256 instead of with their content',
    });
  else if (size > largeState)
    objections.push({
      weight: 'note',
      found: `the state has ${formatSize(size)}; a device reads ${formatSize(maxState)} at most of all that waits for it together`,
      remedy: 'Post one revision at a time',
    });
  return objections;
}

/** @throws Problem for what the hub or a device would refuse, of `first` or of the state. */
export function requirePostable(
  target: Remote,
  members: JsonObject,
  text: string,
  first: readonly Objection[] = [],
): void {
  const [objection] = [...first, ...aboutState(members, Buffer.byteLength(text))].filter(
    ({ weight }) => weight !== 'note',
  );
  if (objection === undefined) return;
  const { found, remedy } = objection;
  throw new Problem({ doing: `posting to ${target.name}`, found, remedy });
}

/** What a device would stumble over in the files themselves. */
function aboutCheckout({ contradictions, apps }: Checkout): readonly Objection[] {
  const all = [...contradictions, ...apps.flatMap((app) => app.contradictions)];
  return all
    .filter((one) => severityOf(one) === 'error' && !judgedByState.has(one.kind))
    .map((one): Objection => ({ weight: 'refusal', ...describeContradiction(one) }));
}

/** Of a checkout, what the next commit would take in, as far as it is known. */
export function uncommittedIn({ uncommitted }: Checkout): readonly string[] {
  const isChange = (standing: UncommittedFile['standing']) =>
    standing !== 'untracked' && standing !== 'not-compared';
  return uncommitted.filter(({ standing }) => isChange(standing)).map(({ path }) => path);
}

export function aboutUncommitted(files: readonly string[]): readonly Objection[] {
  if (files.length === 0) return [];
  const [verb, object] = files.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return [
    {
      weight: 'note',
      found: `${shortList(files, 4)} ${verb} not committed like that, and not posted`,
      remedy: `Commit ${object} first if the device is to get ${object}`,
    },
  ];
}

/** The limits that it breaks. */
function aboutBudget(budget: Judgement | undefined): readonly Objection[] {
  return (budget === undefined ? [] : brokenIn(budget)).map((verdict) => ({
    weight: 'refusal',
    found: `${describeVerdict(verdict)}${verdict.rule.from === 'file' ? ` ("${limitKeys[verdict.rule.measure]}" in ${budgetFile})` : ''}`,
    remedy: remedy`Make it smaller, raise the limit, or post all the same with ${way.force()}`,
    isBudget: true,
  }));
}

function standsInTheWay(name: string, objections: readonly Objection[]): Problem {
  const [first] = objections;
  const canForce = objections.every(({ weight }) => weight === 'refusal');
  const others = objections.slice(1).map(({ found }) => found);
  const more = others.length === 0 ? '' : `; and ${shortList(others, 4)}`;
  const Kind = objections.every(({ isBudget }) => isBudget === true) ? OverBudget : Problem;
  return new Kind({
    doing: `posting to ${name}`,
    found: `${first?.found ?? ''}${more}`,
    remedy: canForce
      ? (first?.remedy ?? '')
      : (objections.find(({ weight }) => weight === 'never')?.remedy ?? ''),
  });
}
