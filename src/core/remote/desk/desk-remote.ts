import { sha256Of } from '../../bytes/sha256';
import { createConcurrencyLimit } from '../../files/concurrently';
import type { Job } from '../../job';
import type { JsonObject } from '../../json/value';
import { Absence } from '../../net/network-failure';
import { pause } from '../../net/retry';
import type { Timeouts } from '../../net/timeouts';
import type { ObjectStore } from '../../objects/object-store';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import { textOf } from '../fields';
import {
  type Delivered,
  type DeviceFacts,
  type LogEntry,
  type LogQuery,
  outcomeOf,
  type OutgoingObject,
  type OutgoingRevision,
  type Quota,
  type Remote,
  type Revision,
} from '../remote';
import { containersOf } from './containers';
import { bringState, objectsOf, runStep, storageOf } from './deployment';
import { entriesOf } from './device-logs';
import { fetchObjects } from './fetch-objects';
import { logsOf, progressOf } from './progress';
import { PvCtrl, type Step } from './pv-ctrl';
import type { StateMemory } from './state-memory';
import { freshName } from './step-name';
import { nothingToCancel } from './nothing-to-cancel';
import type { WayIn } from './way-in';

export interface DeskOptions {
  readonly memory: StateMemory;
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Milliseconds before what broke is asked again. */
  readonly rest?: number;
}

/** Milliseconds until a command that was taken shows in what runs. */
const untilBegun = 60_000;
/** Milliseconds until the errors of a failed try are written to its progress. */
const untilLogs = 8_000;

/** A device that is reached itself, through its control socket. */
export class DeskRemote implements Remote {
  readonly address: string;
  readonly name: string;
  readonly place = 'device';
  readonly containers;
  readonly #ctrl: PvCtrl;
  readonly #memory: StateMemory;
  /** The device takes one command at a time. */
  readonly #turn = createConcurrencyLimit(1);
  /** What doesn't change of a step. */
  readonly #steps = new Map<string, Step>();
  readonly #shas = new Map<string, string>();
  /** Those that were seen at work; what they say at their end comes later. */
  readonly #working = new Set<string>();
  readonly #logged = new Map<string, number>();

  constructor(
    readonly way: WayIn,
    { memory, timeouts, rest }: DeskOptions,
  ) {
    this.address = way.address;
    this.name = way.name;
    this.#ctrl = new PvCtrl(way, timeouts, rest);
    this.#memory = memory;
    this.containers = containersOf(this.#ctrl);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ctrl.close();
    await this.way[Symbol.asyncDispose]();
  }

  async facts(job: Job): Promise<DeviceFacts> {
    const deviceMeta = await this.#ctrl.meta('device', job);
    const userMeta = await this.#ctrl.meta('user', job);
    // What runs is what the next one takes the place of; steps that never ran count for nothing.
    const running = textOf(deviceMeta, 'pantavisor.revision') || undefined;
    return {
      ...{ nick: this.way.nick, running, head: running, isOnline: true },
      ...{ lastSeen: new Date().toISOString(), deviceMeta, userMeta },
    };
  }

  async revisions(job: Job): Promise<readonly Revision[]> {
    const steps = await this.#ctrl.steps(job);
    const revisions: Revision[] = [];
    for (const step of [...steps].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))) {
      this.#steps.set(step.name, step);
      // A long one is left out of the list.
      const progress = step.progress.size > 0 ? step.progress : await this.#ctrl.progress(step.name, job);
      if (progress !== undefined) revisions.push(await this.#revision(step, progress, job));
    }
    return revisions;
  }

  async revision(name: string, job: Job): Promise<Revision> {
    const progress = await this.#ctrl.progress(name, job);
    if (progress === undefined) throw this.#noRevision(name);
    if (!this.#steps.has(name))
      for (const step of await this.#ctrl.steps(job)) this.#steps.set(step.name, step);
    const step = this.#steps.get(name) ?? { name, date: '', message: '', progress };
    const revision = await this.#revision(step, progress, job);
    if (outcomeOf(revision.progress) === 'open') this.#working.add(name);
    return revision;
  }

  async state(name: string, job: Job): Promise<string> {
    const there = await this.#ctrl.state(name, job);
    if (there !== undefined) {
      await this.#memory.remember(name, there);
      return there;
    }
    const known = await this.#memory.recall(name);
    if (known !== undefined) return known;
    throw this.#noRevision(name);
  }

  async bring(_name: string, ids: ReadonlySet<string>, store: ObjectStore, job: Job): Promise<void> {
    await fetchObjects(this.#ctrl, ids, store, job);
  }

  async missing(objects: readonly OutgoingObject[], job: Job): Promise<readonly OutgoingObject[]> {
    const there = await this.#ctrl.objects(job);
    return objects.filter(({ id }) => !there.has(id));
  }

  async quota(job: Job): Promise<Quota | undefined> {
    const storage = storageOf(await this.#ctrl.meta('device', job));
    return storage && { of: 'device', ...storage };
  }

  nextName({ state }: Pick<OutgoingRevision, 'after' | 'state'>): string {
    return freshName(state, new Date(), new Set());
  }

  deliver(revision: OutgoingRevision, store: ObjectStore, job: Job): Promise<Delivered> {
    return this.#turn(() => this.#deliver(revision, store, job));
  }

  async put(revision: OutgoingRevision, store: ObjectStore, job: Job): Promise<Delivered> {
    return this.#turn(async () => {
      const { name, sent } = await bringState(this.#ctrl, { ...revision, after: undefined }, store, job);
      await this.#memory.remember(name, revision.state);
      return { revision: await this.revision(name, job), sent };
    });
  }

  cancel(name: string): Promise<Revision> {
    return Promise.reject(
      nothingToCancel(
        name,
        this.name,
        remedy`Let it come to its end, and go back to an earlier one then with ${way.device('back')}`,
      ),
    );
  }

  async logs({ revision, platform, levels, after, limit }: LogQuery, job: Job): Promise<readonly LogEntry[]> {
    const isNew = after !== undefined;
    const name = revision ?? textOf(await this.#ctrl.meta('device', job), 'pantavisor.revision');
    const said = isNew ? [] : await this.#failure(name, job);
    const files = await this.way.logFiles(name, Math.min(limit, 2_000), job);
    if (files === undefined && said.length === 0 && !isNew) throw this.#noLogs(name);
    const isMeant = (entry: LogEntry) =>
      (platform === undefined || entry.platform === platform) &&
      (levels === undefined || levels.length === 0 || levels.includes(entry.level));
    const written = entriesOf(files ?? [], name, this.#logged, isNew).filter(isMeant);
    return [
      ...lastOfEach(written, limit - Math.min(said.length, limit)),
      ...said.filter(isMeant).slice(-limit),
    ];
  }

  async setMeta(
    which: 'user' | 'device',
    changes: ReadonlyMap<string, string | undefined>,
    job: Job,
  ): Promise<JsonObject> {
    for (const [key, value] of changes) await this.#ctrl.putMeta(which, key, value, job);
    return this.#ctrl.meta(which, job);
  }

  runAgain = (name: string, store: ObjectStore, job: Job): Promise<Revision> =>
    this.#turn(async () => {
      const running = textOf(await this.#ctrl.meta('device', job), 'pantavisor.revision');
      const state = await this.state(name, job).catch((error: unknown) => {
        if (error instanceof Absence || !(error instanceof Problem)) throw error;
        throw new Problem({
          doing: `going back to revision ${name} of ${this.name}`,
          found: 'the device has cleared it away, and nobody here knows what it was',
          remedy: remedy`Post it from a checkout of it with ${way.device('post')}`,
        });
      });
      const before = await this.#ctrl.progress(name, job);
      const there = await this.#ctrl.objects(job);
      const isWhole = before !== undefined && [...objectsOf(state).keys()].every((id) => there.has(id));
      if (!isWhole) {
        job.warn(`The device has cleared revision ${name} away, or a part of it; it is sent again`);
        const message = `As revision ${name}`;
        const again = { state, message, after: running || undefined };
        return (await this.#deliver(again, store, job)).revision;
      }
      await runStep(this.#ctrl, name, running || undefined, job);
      return this.#untilBegun(name, before, job);
    });

  async #deliver(
    { state, message, after }: Pick<OutgoingRevision, 'state' | 'message' | 'after'>,
    store: ObjectStore,
    job: Job,
  ): Promise<Delivered> {
    const { name, sent } = await bringState(this.#ctrl, { state, message, after }, store, job);
    await this.#memory.remember(name, state);
    const revision = await this.revision(name, job);
    await runStep(this.#ctrl, name, after, job);
    this.#working.add(name);
    return { revision, sent };
  }

  /** For a few seconds, a revision still has the progress of the last time that it ran. */
  async #untilBegun(name: string, before: JsonObject, job: Job): Promise<Revision> {
    const old = JSON.stringify(progressOf(before));
    const end = Date.now() + untilBegun;
    let isAway = false;
    for (;;) {
      await pause(1_000, job.signal);
      try {
        const revision = await this.revision(name, job);
        const meta = await this.#ctrl.meta('device', job);
        const isUp =
          textOf(meta, 'pantavisor.revision') === name && textOf(meta, 'pantavisor.status') === 'READY';
        if (JSON.stringify(revision.progress) !== old || isUp || Date.now() > end) {
          this.#working.add(name);
          return revision;
        }
      } catch (error) {
        job.signal.throwIfAborted();
        if (!(error instanceof Absence)) throw error;
        if (!isAway) job.warn(`${error.found}; trying on`);
        isAway = true;
      }
    }
  }

  async #revision(step: Step, progress: JsonObject, job: Job): Promise<Revision> {
    const { name, date, message } = step;
    const key = `${name} ${date}`;
    let stateSha = this.#shas.get(key);
    if (stateSha === undefined) {
      const state = await this.#ctrl.state(name, job);
      stateSha = state === undefined ? '' : sha256Of(state);
      if (state !== undefined) this.#shas.set(key, stateSha);
    }
    return { name, message, stateSha, posted: date || undefined, progress: progressOf(progress) };
  }

  /** What the device says of a failed try, which it writes some seconds after its end, while it starts the one before. */
  async #failure(name: string, job: Job): Promise<readonly LogEntry[]> {
    const end = Date.now() + untilLogs;
    for (;;) {
      try {
        const progress = (await this.#ctrl.progress(name, job)) ?? new Map();
        const entries = logsOf(progress, name);
        const isOver = outcomeOf(progressOf(progress)) !== 'bad' || !this.#working.has(name);
        if (entries.length > 0 || isOver || Date.now() > end) return entries;
      } catch (error) {
        job.signal.throwIfAborted();
        if (!(error instanceof Absence) || Date.now() > end) throw error;
      }
      await pause(1_000, job.signal);
    }
  }

  #noRevision(name: string): Problem {
    return new Problem({
      doing: `looking for revision ${name} of ${this.name}`,
      found: 'the device has none of this name, or has cleared it away',
      remedy: remedy`See which there are with ${way.device('revisions')}`,
    });
  }

  #noLogs(name: string): Problem {
    return new Problem({
      doing: `reading the logs of ${this.name}`,
      found: `there are none of revision ${name} that can be read from here`,
      remedy: 'Reach the device through ssh, as Pantavisor itself or as a container with the role mgmt',
    });
  }
}

/** Each source's last ones, so that all of them have their say. */
function lastOfEach(entries: readonly LogEntry[], limit: number): readonly LogEntry[] {
  if (entries.length <= limit) return entries;
  const groups = new Map<string, LogEntry[]>();
  for (const entry of entries) {
    const key = entry.id.slice(0, entry.id.lastIndexOf(':'));
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  const share = Math.max(1, Math.floor(limit / groups.size));
  return [...groups.values()].flatMap((group) => group.slice(-share)).slice(-limit);
}
