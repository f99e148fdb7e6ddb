import { sha256Of } from '../../bytes/sha256';
import type { Job } from '../../job';
import { parseJson } from '../../json/parse';
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../../json/value';
import type { WholeAnswer } from '../../net/message';
import { Absence } from '../../net/network-failure';
import type { ObjectStore } from '../../objects/object-store';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import { numberOf, objectOf, objectsIn, textOf, timeOf } from '../fields';
import { Overtaken } from '../overtaken';
import type {
  Delivered,
  DeviceFacts,
  LogEntry,
  LogQuery,
  OutgoingObject,
  OutgoingRevision,
  Quota,
  Remote,
  Revision,
  RevisionProgress,
  SentObjects,
} from '../remote';
import { isOnlineIn, runningIn, type Hub, type HubDevice } from './hub';
import { bringObjects, missingObjects, sendObjects } from './hub-objects';

/** A device's trail at Pantahub. */
export class PantahubRemote implements Remote {
  readonly address: string;
  readonly name: string;
  readonly place = 'hub';
  readonly #trail: string;

  constructor(
    readonly hub: Hub,
    readonly device: HubDevice,
  ) {
    this.#trail = `/trails/${device.id}`;
    this.address = new URL(this.#trail, hub.session.hub).href;
    this.name = device.ownerNick === '' ? device.nick : `${device.ownerNick}/${device.nick}`;
  }

  async facts(job: Job): Promise<DeviceFacts> {
    const [{ nick, deviceMeta, userMeta, modified }, head] = await Promise.all([
      this.hub.device(this.device.id, undefined, job).catch((error: unknown) => {
        // Of somebody else's, what was seen when it was found.
        if (error instanceof Problem && !(error instanceof Absence)) return this.device;
        throw error;
      }),
      this.#head(job),
    ]);
    const [running, isOnline] = [runningIn(deviceMeta), isOnlineIn(deviceMeta)];
    return { nick, running, head, isOnline, lastSeen: modified, deviceMeta, userMeta };
  }

  async revisions(job: Job): Promise<readonly Revision[]> {
    const query = new URLSearchParams({ 'progress.status': '{"$ne":""}', fields: '-state,-used_objects' });
    const doing = `listing the revisions of ${this.name}`;
    const steps = await this.hub.session.json(
      { path: `${this.#trail}/steps?${query}`, doing, meaning: () => this.#noTrail() },
      job,
    );
    return objectsIn(steps)
      .map(revisionOf)
      .sort((a, b) => Number(a.name) - Number(b.name));
  }

  async revision(name: string, job: Job): Promise<Revision> {
    const doing = `looking at revision ${name} of ${this.name}`;
    const path = `${this.#step(name)}?fields=-state,-used_objects`;
    const step = await this.hub.session.json({ path, doing, meaning: () => this.#noRevision(name) }, job);
    return revisionOf(isJsonObject(step) ? step : new Map());
  }

  async state(name: string, job: Job): Promise<string> {
    const doing = `getting the state of revision ${name} of ${this.name}`;
    const { bytes } = await this.hub.session.call({ path: `${this.#step(name)}/state`, doing }, job);
    const text = bytes.toString('utf8');
    // What isn't there has a state without members.
    const state = parseJson(text, `the state of ${this.name}`, 'Try again later');
    if (isJsonObject(state) && state.has('#spec')) return text;
    const { stateSha } = await this.revision(name, job);
    if (stateSha === sha256Of(text)) return text;
    throw new Problem({ doing, ...this.#noRevision(name) });
  }

  bring(name: string, ids: ReadonlySet<string>, store: ObjectStore, job: Job): Promise<void> {
    return bringObjects(this.hub.session, this.#step(name), ids, store, job);
  }

  missing(objects: readonly OutgoingObject[], job: Job): Promise<readonly OutgoingObject[]> {
    return missingObjects(this.hub.session, objects, job);
  }

  quota(job: Job): Promise<Quota | undefined> {
    return this.hub.quota(job);
  }

  nextName({ after }: Pick<OutgoingRevision, 'after'>): string {
    return nextTo(after);
  }

  async deliver(revision: OutgoingRevision, store: ObjectStore, job: Job): Promise<Delivered> {
    const sent = await this.#send(revision, store, job);
    return { revision: await this.#post(revision, job), sent };
  }

  async put(revision: OutgoingRevision, store: ObjectStore, job: Job): Promise<Delivered> {
    const { state, after } = revision;
    const name = after ?? '0';
    const doing = `putting a state to revision ${name} of ${this.name}`;
    const { progress } = await this.revision(name, job);
    const begun = {
      found: `the device has begun with it: it is ${progress.status}`,
      remedy: remedy`Post the state as the next revision with ${way.device('post')}`,
    };
    if (progress.status !== 'NEW') throw new Problem({ doing, ...begun });
    const sent = await this.#send(revision, store, job);
    await this.hub.session.call(
      {
        ...{ method: 'PUT', path: `${this.#step(name)}/state`, body: parseJson(state, 'the state'), doing },
        meaning: ({ status }) => (status === 500 ? begun : undefined),
      },
      job,
    );
    return { revision: this.#requireSame(await this.revision(name, job), state, doing), sent };
  }

  async setMeta(
    which: 'user' | 'device',
    changes: ReadonlyMap<string, string | undefined>,
    job: Job,
  ): Promise<JsonObject> {
    if (which === 'user') return this.hub.setUserMeta(this.device, changes, job);
    throw new Problem({
      doing: `changing what ${this.name} tells of itself`,
      found: 'at the hub, only the device itself may do that',
      remedy: 'Reach the device in its own network',
    });
  }

  #send({ objects, known }: OutgoingRevision, store: ObjectStore, job: Job): Promise<SentObjects> {
    const unknown = objects.filter(({ id }) => !known.has(id));
    return sendObjects(this.hub.session, unknown, store, job);
  }

  async #post({ state, message, after }: OutgoingRevision, job: Job): Promise<Revision> {
    const next = nextTo(after);
    const doing = `posting revision ${next} to ${this.name}`;
    const body = new Map<string, JsonValue>([
      ['rev', new JsonNumber(next)],
      ['commit-msg', message],
      ['meta', new Map([['tool', 'pantavisor-checkouts']])],
      ['state', parseJson(state, 'the state')],
    ]);
    let step: JsonValue;
    try {
      step = await this.hub.session.json(
        {
          ...{ method: 'POST', path: `${this.#trail}/steps`, body, doing, isOnce: true },
          meaning: () => ({
            found: 'it did not take the revision, and does not say why',
            remedy: 'Check that nothing else posts to the device, and try again',
          }),
        },
        job,
      );
    } catch (error) {
      job.signal.throwIfAborted();
      if (!(error instanceof Problem)) throw error;
      return await this.#afterLostAnswer(next, state, error, job);
    }
    return this.#requireSame(revisionOf(isJsonObject(step) ? step : new Map()), state, doing);
  }

  async cancel(name: string, job: Job): Promise<Revision> {
    const doing = `cancelling revision ${name} of ${this.name}`;
    const { progress } = await this.revision(name, job);
    const meaning = ({ status }: WholeAnswer) =>
      status === 400
        ? {
            found: `it can't be cancelled any more: it is ${progress.status}`,
            remedy: 'Let the device come to an end with it, and post an older revision again then',
          }
        : undefined;
    await this.hub.session.call({ method: 'PUT', path: `${this.#step(name)}/cancel`, doing, meaning }, job);
    return this.revision(name, job);
  }

  async objectSizes(name: string, job: Job): Promise<ReadonlyMap<string, number>> {
    const doing = `looking at the objects of revision ${name} of ${this.name}`;
    const records = objectsIn(
      await this.hub.session.json({ path: `${this.#step(name)}/objects`, doing }, job),
    );
    return new Map(records.map((one) => [textOf(one, 'sha256sum'), Number(textOf(one, 'size'))]));
  }

  async logs({ revision, platform, levels, after, limit }: LogQuery, job: Job): Promise<readonly LogEntry[]> {
    const query = new URLSearchParams({
      // By its PRN: with a name that nobody knows, the logs of all devices come.
      dev: this.device.prn,
      sort: '-time-created',
      page: String(limit),
      ...(revision !== undefined && { rev: revision }),
      ...(platform !== undefined && { plat: platform }),
      ...(levels !== undefined && levels.length > 0 && { lvl: levels.join(',') }),
      ...(after !== undefined && { after }),
    });
    const doing = `reading the logs of ${this.name}`;
    const answer = await this.hub.session.json({ path: `/logs/?${query}`, doing }, job);
    const entries = isJsonObject(answer) ? objectsIn(answer.get('entries')) : [];
    return entries.map(logEntry).reverse();
  }

  /** The newest revision, as a clone without a number gets it. */
  async #head(job: Job): Promise<string | undefined> {
    const doing = `looking for the newest revision of ${this.name}`;
    const answer = await this.hub.session.call(
      { path: `${this.#trail}/.pvrremote`, doing, alsoFine: [500] },
      job,
    );
    // A device that has never booted.
    if (answer.status === 500) return undefined;
    const remote = this.hub.session.parse(answer.bytes, doing);
    const url = textOf(isJsonObject(remote) ? remote : undefined, 'json-get-url');
    const [, rev] = /\/steps\/(\d+)\/state$/.exec(url) ?? [];
    return rev;
  }

  /** Whether what was sent became the revision after all; its number can be that of another one. */
  async #afterLostAnswer(name: string, state: string, why: Problem, job: Job): Promise<Revision> {
    const there = await this.revision(name, job).catch((error: unknown) => {
      job.signal.throwIfAborted();
      if (error instanceof Problem) return undefined;
      throw error;
    });
    if (there === undefined) throw why;
    if (there.stateSha === sha256Of(state) && there.name === name) return there;
    throw new Overtaken(this.name, await this.#head(job), why);
  }

  #requireSame(revision: Revision, state: string, doing: string): Revision {
    if (revision.stateSha === sha256Of(state)) return revision;
    throw new Problem({
      doing,
      found: `revision ${revision.name} has another state at the hub than here: numbers were rounded, or somebody changed it on its way`,
      remedy: remedy`Cancel it with ${way.device('cancel')}, and write large numbers as strings`,
    });
  }

  #step(name: string): string {
    return `${this.#trail}/steps/${encodeURIComponent(name)}`;
  }

  #noRevision(name: string): { readonly found: string; readonly remedy: ReturnType<typeof remedy> } {
    return {
      found: `there is no revision ${name}, or it may not be seen`,
      remedy: remedy`See which there are with ${way.device('revisions')}`,
    };
  }

  #noTrail(): { readonly found: string; readonly remedy: string } {
    return {
      found: 'there are none: the device has never reported',
      remedy: 'Start the device, and let it reach the hub once',
    };
  }
}

/** Revisions are numbers without gaps. */
function nextTo(revision: string | undefined): string {
  return String(revision === undefined ? 0 : Number(revision) + 1);
}

function revisionOf(step: JsonObject): Revision {
  return {
    name: String(numberOf(step, 'rev')),
    message: textOf(step, 'commit-msg'),
    stateSha: textOf(step, 'state-sha'),
    posted: timeOf(step, 'step-time'),
    progress: progressOf(objectOf(step, 'progress'), timeOf(step, 'progress-time')),
  };
}

function progressOf(progress: JsonObject, reported: string | undefined): RevisionProgress {
  const total = objectOf(objectOf(progress, 'downloads'), 'total');
  const [done, all] = [numberOf(total, 'total_downloaded'), numberOf(total, 'total_size')];
  return {
    status: textOf(progress, 'status'),
    message: textOf(progress, 'status-msg'),
    percent: numberOf(progress, 'progress'),
    download: all > 0 ? { done, total: all } : undefined,
    reported,
  };
}

function logEntry(entry: JsonObject): LogEntry {
  return {
    id: textOf(entry, 'id'),
    time: textOf(entry, 'time-created'),
    revision: textOf(entry, 'rev'),
    platform: textOf(entry, 'plat'),
    source: textOf(entry, 'src'),
    level: textOf(entry, 'lvl'),
    message: textOf(entry, 'msg').replace(/\n+$/, ''),
  };
}
