import { createReadStream } from 'node:fs';
import { sha256Of } from '../../bytes/sha256';
import type { Job } from '../../job';
import { stringifyCanonical } from '../../json/canonical';
import { stringifyCompact } from '../../json/indented';
import { parseJson } from '../../json/parse';
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../../json/value';
import { type OutgoingRequest, readRefusal, readWhole, type WholeAnswer } from '../../net/message';
import { Absence, NetworkFailure } from '../../net/network-failure';
import type { Transport } from '../../net/transport';
import type { ObjectStore } from '../../objects/object-store';
import { Problem } from '../../problem';
import { objectOf, textOf } from '../fields';
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
  SentObjects,
} from '../remote';
import { objectsOf } from './deployment';
import { fetchObject } from './fetch-objects';
import { nothingToCancel } from './nothing-to-cancel';
import { progressOf } from './progress';
import type { StateMemory } from './state-memory';
import { isRevisionName } from './way-in';

export const sdkPort = 12368;
const place = '/cgi-bin/pvr';
const maxAnswer = 32 * 1024 * 1024;

/** What a device says of its interface in `.pvrremote` (pvr, api/remote.go). */
interface Interface {
  readonly state: URL;
  /** The member of a post that holds the state. */
  readonly stateKey: string;
  readonly objects: URL;
  readonly post: URL;
}

/**
 * What a device says in `.pvrremote`, if it speaks pvr's form of HTTP; undefined: what answers there is something else.
 *
 * @param host with its port.
 * @throws Absence when nobody answers; the job's reason.
 */
export async function findSdk(
  host: string,
  transport: Transport,
  memory: (address: string) => StateMemory,
  job: Job,
): Promise<SdkRemote | undefined> {
  const address = new URL(`http://${host}${place}`);
  const doing = `asking ${host} what it is`;
  const url = new URL(`${address.pathname}/.pvrremote`, address);
  const answer = await transport.fetch({ method: 'GET', url, headers: {}, doing }, 64 * 1024, job);
  const found = answer.status === 200 ? interfaceIn(answer) : undefined;
  return found && new SdkRemote(address, found, transport, memory(address.href));
}

function interfaceIn({ bytes }: WholeAnswer): Interface | undefined {
  let document: JsonValue;
  try {
    document = parseJson(bytes.toString('utf8'), '.pvrremote');
  } catch {
    return undefined;
  }
  if (!isJsonObject(document)) return undefined;
  const url = (key: string) => webAddress(textOf(document, key));
  const [state, objects, post] = [url('json-get-url'), url('objects-endpoint'), url('post-url')];
  if (state === undefined || objects === undefined || post === undefined) return undefined;
  return { state, objects, post, stateKey: textOf(document, 'json-key') || 'post' };
}

function webAddress(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}

/**
 * A device through the HTTP of pvr-sdk, as pvr talks to it (local-device, 3.4): what it runs can be had, a revision posted and followed,
 * and logs read. Whatever else there is needs the control socket, by ssh.
 *
 * A device doesn't tell the name of what it runs here. The one that a state had when it went through here stands for it, else the first
 * digits of its sha256.
 */
export class SdkRemote implements Remote {
  readonly address: string;
  readonly name: string;
  readonly place = 'device';

  constructor(
    private readonly base: URL,
    private readonly its: Interface,
    private readonly transport: Transport,
    private readonly memory: StateMemory,
  ) {
    this.address = base.href;
    this.name = base.port === String(sdkPort) ? base.hostname : base.host;
  }

  async facts(job: Job): Promise<DeviceFacts> {
    const { name } = await this.#current(job);
    return {
      ...{ nick: this.base.hostname.replace(/[^A-Za-z0-9_.-]/g, '-'), running: name, head: name },
      ...{ isOnline: true, lastSeen: new Date().toISOString(), deviceMeta: new Map(), userMeta: new Map() },
    };
  }

  async revisions(job: Job): Promise<readonly Revision[]> {
    return [await this.#running(job)];
  }

  async revision(name: string, job: Job): Promise<Revision> {
    if (!isRevisionName(name)) {
      const running = await this.#running(job);
      if (running.name === name) return running;
      throw this.#needsSsh(`looking at revision ${name} of ${this.name}`);
    }
    const doing = `looking at revision ${name} of ${this.name}`;
    const url = new URL(`/cgi-bin/pvtx/status?rev=${encodeURIComponent(name)}`, this.base);
    const answer = await this.#call({ method: 'GET', url, headers: {}, doing }, job, [400, 404, 500]);
    const state = await this.memory.recall(name);
    const known = {
      name,
      message: '',
      stateSha: state === undefined ? '' : sha256Of(state),
      posted: undefined,
    };
    if (answer.status === 200) {
      const document = this.#parse(answer, doing);
      return {
        ...known,
        progress: progressOf(isJsonObject(document) ? objectOf(document, 'progress') : new Map()),
      };
    }
    const running = await this.#running(job);
    if (running.name === name) return running;
    if (answer.status === 404 || state === undefined) throw this.#needsSsh(doing);
    // Between what ran and what is to run.
    throw this.#refusal(doing, { ...answer, status: 500 });
  }

  async state(name: string, job: Job): Promise<string> {
    const current = await this.#current(job);
    if (current.name === name) return current.state;
    const known = await this.memory.recall(name);
    if (known !== undefined) return known;
    throw this.#needsSsh(`getting the state of revision ${name} of ${this.name}, which does not run`);
  }

  async bring(_name: string, ids: ReadonlySet<string>, store: ObjectStore, job: Job): Promise<void> {
    const wanted: string[] = [];
    for (const id of ids) if (!(await store.isWhole(id, job.signal))) wanted.push(id);
    const records = new Map<string, JsonObject>();
    for (const id of wanted) {
      const doing = `looking for the object ${id}`;
      const url = below(this.its.objects, id);
      const record = this.#parse(await this.#call({ method: 'GET', url, headers: {}, doing }, job), doing);
      records.set(id, isJsonObject(record) ? record : new Map());
    }
    const total = [...records.values()].reduce((sum, record) => sum + Number(textOf(record, 'size')), 0);
    let done = 0;
    if (wanted.length > 0) job.progress('fetch', 0, total);
    for (const [id, record] of records)
      await this.#fetch(id, record, store, (bytes) => job.progress('fetch', (done += bytes), total), job);
  }

  missing(): Promise<undefined> {
    // Asking for each is the beginning of sending it.
    return Promise.resolve(undefined);
  }

  quota(): Promise<Quota | undefined> {
    return Promise.resolve(undefined);
  }

  nextName(): string {
    return 'a local one';
  }

  async deliver(revision: OutgoingRevision, store: ObjectStore, job: Job): Promise<Delivered> {
    const { state, message, after } = revision;
    const doing = `posting to ${this.name}`;
    const sent = await this.#send(revision, store, job);
    const { name: running } = await this.#current(job);
    if (after !== undefined && running !== after) throw new Overtaken(this.name, running);
    const body = new Map<string, JsonValue>([
      ['commit-msg', message],
      // pvr's word for the next one; a local revision is named by the device.
      ['rev', new JsonNumber('-1')],
      [this.its.stateKey, parseJson(state, 'the state')],
    ]);
    const text = stringifyCanonical(body);
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    const answer = await this.#call(
      { method: 'POST', url: this.its.post, headers, body: text, doing, isOnce: true },
      job,
    );
    const document = this.#parse(answer, doing);
    const posted = isJsonObject(document) ? document : undefined;
    const name = textOf(posted, 'revlocal') || textOf(posted, 'rev');
    if (!isRevisionName(name))
      throw new Problem({
        doing,
        found: 'the device does not say what became of it',
        remedy: 'Look what it runs',
      });
    await this.memory.remember(name, state);
    const progress = progressOf(new Map([['status', 'NEW']]));
    return { revision: { name, message, stateSha: sha256Of(state), posted: undefined, progress }, sent };
  }

  async put(revision: OutgoingRevision, store: ObjectStore, job: Job): Promise<Delivered> {
    const { state, message } = revision;
    const doing = `putting a state to ${this.name}`;
    const sent = await this.#send(revision, store, job);
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const request = {
      method: 'PUT',
      url: this.its.state,
      headers,
      body: state,
      doing,
      isOnce: true,
    } as const;
    await this.#call(request, job);
    const name = `state-${sha256Of(state).slice(0, 12)}`;
    await this.memory.remember(name, state);
    const progress = progressOf(new Map([['status', 'NEW']]));
    return { revision: { name, message, stateSha: sha256Of(state), posted: undefined, progress }, sent };
  }

  cancel(name: string): Promise<Revision> {
    return Promise.reject(
      nothingToCancel(name, this.name, 'Let it come to its end, and post an earlier state again then'),
    );
  }

  async logs({ revision, platform, levels, after, limit }: LogQuery, job: Job): Promise<readonly LogEntry[]> {
    const doing = `reading the logs of ${this.name}`;
    const query = new URLSearchParams({
      rev: revision !== undefined && isRevisionName(revision) ? revision : 'current',
      source: platform ?? 'pantavisor',
      ...{ tail: 'true', follow: 'false', tailn: String(limit) },
    });
    const url = new URL(`/cgi-bin/logs?${query}`, this.base);
    const answer = await this.#call({ method: 'GET', url, headers: {}, doing }, job);
    // Whatever a device makes of `tailn`.
    const lines = answer.bytes
      .toString('utf8')
      .split('\n')
      .slice(-limit - 1);
    const fresh = after === undefined ? lines : lines.slice(this.#overlap(lines));
    this.#told = lines;
    return fresh.flatMap((line): readonly LogEntry[] => {
      if (line.trim() === '') return [];
      const [, name, level, source, message] =
        /^\[([^\]]+)\]\s+\d+\s+([A-Z]+)\s+-- \[([^\]]*)\]: (.*)$/.exec(line) ?? [];
      const entry = {
        ...{ id: `line:${(this.#count += 1)}`, time: '', revision: revision ?? '' },
        ...{ platform: name ?? platform ?? 'pantavisor', source: source ?? '' },
        ...{ level: level ?? 'INFO', message: message ?? line },
      };
      return levels === undefined || levels.length === 0 || levels.includes(entry.level) ? [entry] : [];
    });
  }

  #told: readonly string[] = [];
  #count = 0;

  /** How many of the lines came the last time, too: its end is their beginning. */
  #overlap(lines: readonly string[]): number {
    for (let length = Math.min(lines.length, this.#told.length); length > 0; length -= 1) {
      const end = this.#told.slice(-length);
      if (end.every((line, at) => line === lines[at])) return length;
    }
    return 0;
  }

  setMeta(): Promise<JsonObject> {
    return Promise.reject(this.#needsSsh(`changing what ${this.name} is told`));
  }

  /** What it runs. */
  async #current(job: Job): Promise<{ readonly name: string; readonly state: string }> {
    const doing = `getting the state of ${this.name}`;
    const answer = await this.#call({ method: 'GET', url: this.its.state, headers: {}, doing }, job);
    const state = answer.bytes.toString('utf8');
    const known = await this.memory.nameOf(state);
    const name = known ?? `state-${sha256Of(state).slice(0, 12)}`;
    if (known === undefined) await this.memory.remember(name, state);
    return { name, state };
  }

  async #running(job: Job): Promise<Revision> {
    const { name, state } = await this.#current(job);
    // It runs, and nothing tells whether it is what the device goes back to.
    const progress = progressOf(
      new Map<string, JsonValue>([
        ['status', 'UPDATED'],
        ['progress', new JsonNumber('100')],
      ]),
    );
    return { name, message: '', stateSha: sha256Of(state), posted: undefined, progress };
  }

  /** All objects of the state are asked for, those of what runs as well: a device runs also what it lacks some of (local-device, 1.4). */
  async #send({ state, objects }: OutgoingRevision, store: ObjectStore, job: Job): Promise<SentObjects> {
    const byId = new Map(objects.map((object) => [object.id, object]));
    const lacking: (readonly [OutgoingObject, JsonObject])[] = [];
    for (const [id, file] of objectsOf(state)) {
      const size = byId.get(id)?.size ?? (await store.sizeOf(id)) ?? 0;
      const object = { id, file, size };
      const record = await this.#announce(object, job);
      if (record === undefined) continue;
      if (!(await store.has(id)))
        throw new Problem({
          doing: `sending ${file} to ${this.name}`,
          found: 'neither the device nor this machine has it',
          remedy: 'Bring the object from where the revision was made, and try again',
        });
      lacking.push([object, record]);
    }
    const total = lacking.reduce((sum, [{ size }]) => sum + size, 0);
    let done = 0;
    if (lacking.length > 0) job.progress('send', 0, total);
    for (const [object, record] of lacking) {
      await this.#put(object, record, store, job);
      job.progress('send', (done += object.size), total);
    }
    return { count: lacking.length, bytes: total };
  }

  /** undefined: it is there. */
  async #announce({ id, file, size }: OutgoingObject, job: Job): Promise<JsonObject | undefined> {
    const doing = `announcing ${file}`;
    const body = new Map([
      ...(['id', 'storage-id', 'owner'] as const).map((key) => [key, ''] as const),
      ['objectname', file],
      ['sha256sum', id],
      ['size', String(size)],
      ['mime-type', 'application/octet-stream'],
      ...(['signed-puturl', 'signed-geturl', 'now', 'expire-time'] as const).map((key) => [key, ''] as const),
    ]);
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const url = below(this.its.objects, '');
    const request = { method: 'POST', url, headers, body: stringifyCompact(body), doing } as const;
    const answer = await this.#call(request, job, [409]);
    if (answer.status === 409) return undefined;
    const record = this.#parse(answer, doing);
    return isJsonObject(record) ? record : new Map();
  }

  async #put(
    { id, file, size }: OutgoingObject,
    record: JsonObject,
    store: ObjectStore,
    job: Job,
  ): Promise<void> {
    const doing = `sending ${file} to ${this.name}`;
    const url = this.#signed(record, 'signed-puturl', doing);
    const body = { length: size, open: () => createReadStream(store.pathOf(id)) };
    await this.#call({ method: 'PUT', url, headers: {}, body, doing }, job);
  }

  #fetch(
    id: string,
    record: JsonObject,
    store: ObjectStore,
    onBytes: (bytes: number) => void,
    job: Job,
  ): Promise<void> {
    const doing = `fetching the object ${id} from ${this.name}`;
    const url = this.#signed(record, 'signed-geturl', doing);
    const open = async () => {
      const answer = await this.transport.send({ method: 'GET', url, headers: {}, doing }, job);
      if (answer.status !== 200) throw this.#refusal(doing, await readRefusal(answer));
      return answer.body;
    };
    return fetchObject({ id, device: this.name, source: url.host, open }, store, onBytes, job);
  }

  #signed(record: JsonObject, key: string, doing: string): URL {
    const url = webAddress(textOf(record, key));
    if (url !== undefined) return url;
    throw new Problem({
      doing,
      found: 'the device does not say where',
      remedy: 'Try again, or reach it by ssh',
    });
  }

  async #call(request: OutgoingRequest, job: Job, alsoFine: readonly number[] = []): Promise<WholeAnswer> {
    const answer = await this.transport.send(request, job);
    if (answer.status !== 200 && !alsoFine.includes(answer.status))
      throw this.#refusal(request.doing, await readRefusal(answer));
    try {
      return await readWhole(answer, maxAnswer, request.doing, 'Check what answers there');
    } catch (error) {
      if (!(error instanceof NetworkFailure)) throw error;
      throw new Absence('unreachable', {
        doing: request.doing,
        found: `the connection to ${this.name} broke (${error.message})`,
        remedy: 'Try again when the device is up',
        cause: error,
      });
    }
  }

  #parse({ bytes }: WholeAnswer, doing: string): JsonValue {
    try {
      return parseJson(bytes.toString('utf8'), 'the answer');
    } catch (cause) {
      throw new Problem({
        doing,
        found: 'the device answered something else than was asked for',
        remedy: 'Check the address',
        cause,
      });
    }
  }

  #refusal(doing: string, { status, bytes }: WholeAnswer): Problem {
    const said = bytes.toString('utf8').replaceAll(/\s+/g, ' ').trim().slice(0, 200);
    const found = `the device answers ${status}${said === '' ? '' : ` (${said})`}`;
    if (status >= 500)
      return new Absence('unreachable', {
        doing,
        found,
        remedy: 'Wait until the device is up, and try again',
      });
    return new Problem({
      doing,
      found,
      remedy:
        status === 401 || status === 403
          ? `Reach the device by ssh://${this.base.hostname}`
          : 'Check the version of pvr-sdk on the device',
    });
  }

  #needsSsh(doing: string): Problem {
    return new Problem({
      doing,
      found: 'the HTTP of pvr-sdk does not tell that: it needs ssh',
      remedy: `Name the device as ssh://${this.base.hostname}`,
    });
  }
}

function below(endpoint: URL, id: string): URL {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${id}`;
  return url;
}
