import { createReadStream } from 'node:fs';
import type { Job } from '../../job';
import { stringifyCompact } from '../../json/indented';
import { parseJson } from '../../json/parse';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value';
import {
  readRefusal,
  readWhole,
  type Answer,
  type OutgoingRequest,
  type WholeAnswer,
} from '../../net/message';
import { Absence } from '../../net/network-failure';
import { createPeerBy, type Peer } from '../../net/peer';
import { pause } from '../../net/retry';
import { defaultTimeouts, type Timeouts } from '../../net/timeouts';
import type { ObjectStore } from '../../objects/object-store';
import { describeError, Problem, type ProblemParts } from '../../problem';
import { objectsIn, textOf } from '../fields';
import type { WayIn } from './way-in';

/** Far above any answer: a state has a few MB at most. */
const maxAnswer = 32 * 1024 * 1024;

/** While Pantavisor starts anew, a request may hang without an answer (local-device, 1.6). */
const patience: Timeouts = { ...defaultTimeouts, connect: 15_000, headers: 5_000, body: 5_000 };
/** An object is hashed before its sender is told. */
const patienceWithObjects: Timeouts = { ...defaultTimeouts, headers: 180_000 };

/** A step, as the list has it. */
export interface Step {
  readonly name: string;
  /** RFC 3339. */
  readonly date: string;
  readonly message: string;
  /** Empty where it is too long for the list. */
  readonly progress: JsonObject;
}

interface CtrlRequest {
  readonly method?: OutgoingRequest['method'];
  readonly path: string;
  readonly body?: OutgoingRequest['body'];
  readonly doing: string;
  /** Statuses besides 200 that the caller judges by itself. */
  readonly alsoFine?: readonly number[];
  readonly isLarge?: boolean;
}

/**
 * Pantavisor's control socket: HTTP with `Host: localhost`, one connection for each request. What only asks is asked again when its
 * connection breaks; what changes something is sent once.
 */
export class PvCtrl {
  readonly #quick: Peer;
  readonly #large: Peer;

  constructor(
    readonly way: WayIn,
    timeouts: Partial<Timeouts> = {},
  ) {
    const connect = (signal: AbortSignal) => way.connect(signal);
    this.#quick = createPeerBy(connect, { ...patience, ...timeouts });
    this.#large = createPeerBy(connect, { ...patienceWithObjects, ...timeouts });
  }

  close(): void {
    this.#quick.close();
    this.#large.close();
  }

  /** The answer with one of the wanted statuses. @throws Absence when none comes, or the device starts; Problem when it refuses. */
  async call(request: CtrlRequest, job: Job): Promise<WholeAnswer> {
    const { method = 'GET', doing, alsoFine = [] } = request;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.#exchange(request, job);
        if (answer.status === 200 || alsoFine.includes(answer.status))
          return await readWhole(answer, maxAnswer, doing, 'Check what answers there');
        throw refusalProblem(doing, await readRefusal(answer), method === 'GET');
      } catch (error) {
        job.signal.throwIfAborted();
        const problem = error instanceof Problem ? error : noAnswer(this.way.name, doing, error);
        if (!(problem instanceof Absence) || method !== 'GET' || attempt === 2) throw problem;
        await pause(500, job.signal);
      }
    }
  }

  async json(request: CtrlRequest, job: Job): Promise<JsonValue> {
    return parseAnswer(await this.call(request, job), request.doing);
  }

  async steps(job: Job): Promise<readonly Step[]> {
    const list = await this.json({ path: '/steps', doing: `listing the revisions of ${this.way.name}` }, job);
    return objectsIn(list).map((step) => {
      const progress = step.get('progress');
      return {
        name: textOf(step, 'name'),
        date: textOf(step, 'date'),
        message: textOf(step, 'commitmsg'),
        progress: isJsonObject(progress) ? progress : new Map<string, JsonValue>(),
      };
    });
  }

  /** The state as it was put; undefined: there is no such step. */
  async state(name: string, job: Job): Promise<string | undefined> {
    const doing = `getting the state of revision ${name} of ${this.way.name}`;
    const answer = await this.call({ path: `/steps/${pathOf(name)}`, doing, alsoFine: [404] }, job);
    return answer.status === 404 ? undefined : answer.bytes.toString('utf8');
  }

  /** undefined: there is no such step. */
  async progress(name: string, job: Job): Promise<JsonObject | undefined> {
    const doing = `looking at revision ${name} of ${this.way.name}`;
    const answer = await this.call({ path: `/steps/${pathOf(name)}/progress`, doing, alsoFine: [404] }, job);
    if (answer.status === 404) return undefined;
    const progress = parseAnswer(answer, doing);
    return isJsonObject(progress) ? progress : new Map();
  }

  /** The sizes of all that it has, by their sha256. */
  async objects(job: Job): Promise<ReadonlyMap<string, number>> {
    const doing = `listing the objects of ${this.way.name}`;
    const list = objectsIn(await this.json({ path: '/objects', doing }, job));
    return new Map(list.map((one) => [textOf(one, 'sha256'), Number(textOf(one, 'size'))]));
  }

  async meta(which: 'user' | 'device', job: Job): Promise<JsonObject> {
    const doing = `asking ${this.way.name} about itself`;
    const meta = await this.json({ path: `/${which}-meta`, doing }, job);
    return isJsonObject(meta) ? meta : new Map();
  }

  /** To a name that nobody has: an existing one would be overwritten, and deleted where the device refuses this (local-device, 1.3). */
  async putStep(name: string, state: string, job: Job): Promise<void> {
    const doing = `sending the state of revision ${name} to ${this.way.name}`;
    const request = { method: 'PUT', path: `/steps/${pathOf(name)}`, body: state, doing } as const;
    const answer = await this.call({ ...request, alsoFine: [422] }, job);
    if (answer.status === 200) return;
    throw new Problem({
      doing,
      found: `the device refuses it (${errorIn(answer) || answer.status})`,
      remedy: /signature|secureboot/i.test(errorIn(answer))
        ? 'Sign it again with a key that the device trusts'
        : 'Correct the state, and commit it anew',
    });
  }

  async putMessage(name: string, text: string, job: Job): Promise<void> {
    const doing = `naming revision ${name} of ${this.way.name}`;
    await this.call({ method: 'PUT', path: `/steps/${pathOf(name)}/commitmsg`, body: text, doing }, job);
  }

  /** @param value undefined takes it away. */
  async putMeta(which: 'user' | 'device', key: string, value: string | undefined, job: Job): Promise<void> {
    const doing = `changing ${key} of ${this.way.name}`;
    const path = `/${which}-meta/${encodeURIComponent(key)}`;
    if (value === undefined) await this.call({ method: 'DELETE', path, doing, alsoFine: [404] }, job);
    else await this.call({ method: 'PUT', path, body: value, doing }, job);
  }

  /** The whole file, again if its connection breaks: nothing is kept of a part. */
  async putObject(id: string, file: string, store: ObjectStore, job: Job): Promise<void> {
    const doing = `sending ${file} to ${this.way.name}`;
    const length = (await store.sizeOf(id)) ?? 0;
    const body = { length, open: () => createReadStream(store.pathOf(id)) };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const path = `/objects/${id}`;
        const answer = await this.call(
          { ...{ method: 'PUT', path, body, doing, isLarge: true }, alsoFine: [422, 507] },
          job,
        );
        if (answer.status === 200) return;
        if (answer.status === 507) throw new Problem({ doing, ...noSpace });
        if (attempt === 3)
          throw new Problem({
            doing,
            found: 'what arrived is not what was sent',
            remedy: 'Check the connection, and the disk of the device',
          });
      } catch (error) {
        if (!(error instanceof Absence) || attempt === 3) throw error;
      }
      await pause(1_000, job.signal);
    }
  }

  /** Whether the command is queued; else how many seconds the device asks to wait. @throws Problem when it refuses. */
  async command(
    op: 'LOCAL_RUN' | 'GO_REMOTE',
    payload: string,
    doing: string,
    job: Job,
  ): Promise<true | number> {
    const body = stringifyCompact(new Map([...Object.entries({ op, payload })]));
    const answer = await this.call({ method: 'POST', path: '/commands', body, doing, alsoFine: [503] }, job);
    if (answer.status === 200) return true;
    return Number(answer.headers['retry-after']) || 2;
  }

  /** Bytes as they come, slowly: a few kB with each turn of the device's loop. */
  async object(id: string, job: Job): Promise<AsyncIterable<Buffer>> {
    const doing = `fetching the object ${id} from ${this.way.name}`;
    try {
      const answer = await this.#exchange({ path: `/objects/${id}`, doing, isLarge: true }, job);
      if (answer.status === 200) return answer.body;
      throw refusalProblem(doing, await readRefusal(answer), true);
    } catch (error) {
      job.signal.throwIfAborted();
      throw error instanceof Problem ? error : noAnswer(this.way.name, doing, error);
    }
  }

  async #exchange({ method = 'GET', path, body, doing, isLarge }: CtrlRequest, job: Job): Promise<Answer> {
    const url = new URL(path, 'http://localhost');
    const outgoing = { method, url, headers: {}, doing, ...(body !== undefined && { body }) };
    // A connection that isn't there yet may have to ask somebody.
    await this.way.prepare(job);
    return (isLarge === true ? this.#large : this.#quick).exchange(url, outgoing, job.signal);
  }
}

export const noSpace: Omit<ProblemParts, 'doing'> = {
  found: 'there is not enough room on the disk of the device',
  remedy: 'Have the device clear away what it needs no more, or make the state smaller',
};

function pathOf(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

function parseAnswer({ bytes }: WholeAnswer, doing: string): JsonValue {
  try {
    return parseJson(bytes.toString('utf8'), 'the answer of the device', 'Check what answers there');
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new Problem({ doing, found: cause.found, remedy: 'Check that a Pantavisor answers there', cause });
  }
}

/** `{"Error":"…"}` */
export function errorIn({ bytes }: WholeAnswer): string {
  try {
    const document = parseJson(bytes.toString('utf8'), 'an answer');
    return isJsonObject(document) ? textOf(document, 'Error').slice(0, 300) : '';
  } catch {
    return '';
  }
}

function refusalProblem(doing: string, refusal: WholeAnswer, isQuestion: boolean): Problem {
  const said = errorIn(refusal);
  const found = `the device answers ${refusal.status}${said === '' ? '' : ` (${said})`}`;
  if (refusal.status === 403 || /unknown caller/i.test(said))
    return new Problem({
      doing,
      found: `${found}: who asks may not`,
      remedy: 'Ask from Pantavisor itself, or from a container that has the role mgmt',
    });
  if (refusal.status >= 500 && isQuestion)
    return new Absence('unreachable', { doing, found, remedy: 'Wait until the device is up, and try again' });
  return new Problem({ doing, found, remedy: 'Check the version of Pantavisor on the device' });
}

function noAnswer(name: string, doing: string, cause: unknown): Absence {
  return new Absence('unreachable', {
    doing,
    found: `no answer comes from ${name} (${describeError(cause)})`,
    remedy: 'Check that the device is up; while it starts anew, wait a minute',
    cause,
  });
}
