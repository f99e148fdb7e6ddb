import { createReadStream } from 'node:fs';
import { createConcurrencyLimit } from '../../files/concurrently';
import type { Job } from '../../job';
import { isJsonObject, type JsonObject } from '../../json/value';
import { discard, readRefusal } from '../../net/message';
import { NetworkFailure } from '../../net/network-failure';
import { pause, pauseAfter } from '../../net/retry';
import type { ObjectStore } from '../../objects/object-store';
import { formatSize } from '../../presentation/size';
import { describeError, Problem } from '../../problem';
import { objectsIn, textOf } from '../fields';
import type { OutgoingObject, SentObjects } from '../remote';
import { hubProblem, type Meaning, refusalIn, usualMeaning } from './hub-problem';
import type { HubSession } from './hub-session';

/** Objects that are sent at once: as many as pvr sends. */
const sentAtOnce = 5;
/** Objects that are fetched, and questions that are asked, at once: most of such a time is the way there and back. */
const askedAtOnce = 8;

/**
 * Has a store hold objects of a revision: those that it lacks are fetched, several at a time, and checked on their way in. One whose
 * connection breaks is fetched again.
 *
 * @param path of the step at the hub.
 * @throws Problem.
 */
export async function bringObjects(
  session: HubSession,
  path: string,
  ids: ReadonlySet<string>,
  store: ObjectStore,
  job: Job,
): Promise<void> {
  const lacking: string[] = [];
  for (const id of ids) if (!(await store.isWhole(id, job.signal))) lacking.push(id);
  if (lacking.length === 0) return;
  const doing = 'looking for the objects of a revision';
  const records = objectsIn(await session.json({ path: `${path}/objects`, doing }, job));
  const byId = new Map(records.map((record) => [textOf(record, 'sha256sum'), record]));
  for (const id of lacking) if (!byId.has(id)) throw objectGone(id);
  const total = lacking.reduce((sum, id) => sum + Number(textOf(byId.get(id), 'size')), 0);
  let done = 0;
  job.progress('fetch', 0, total);
  const onBytes = (bytes: number) => job.progress('fetch', (done += bytes), total);
  await bounded(lacking, askedAtOnce, job, (id, one) =>
    fetchObject(session, path, byId.get(id), id, store, onBytes, one),
  );
}

async function fetchObject(
  session: HubSession,
  path: string,
  known: JsonObject | undefined,
  id: string,
  store: ObjectStore,
  onBytes: (bytes: number) => void,
  job: Job,
): Promise<void> {
  const { transport } = session;
  const doing = `fetching the object ${id}`;
  let record = known;
  for (let attempt = 1; ; attempt += 1) {
    const url = signedUrl(record, 'signed-geturl', doing);
    let counted = 0;
    let failure: unknown;
    try {
      const answer = await transport.send({ method: 'GET', url, headers: {}, doing }, job);
      if (answer.status === 200) {
        const counting = async function* (): AsyncGenerator<Buffer> {
          for await (const chunk of answer.body) {
            counted += chunk.length;
            onBytes(chunk.length);
            yield chunk;
          }
        };
        await store.receive(id, counting(), { source: url.host, signal: job.signal });
        return;
      }
      const refusal = await readRefusal(answer);
      if (refusal.status === 404) throw objectGone(id);
      failure = hubProblem(doing, refusal, usualMeaning(refusal.status));
      // The URL has been good for long enough.
      if (refusal.status === 403) record = await recordOf(session, path, id, job);
    } catch (error) {
      job.signal.throwIfAborted();
      if (!isBroken(error)) throw error;
      failure = error;
    }
    onBytes(-counted);
    const wait = pauseAfter(attempt, transport.retry, undefined);
    if (wait === undefined) throw asProblem(failure, doing);
    await pause(wait, job.signal);
  }
}

/** A body that broke, which is worth another try; what the disk or the object itself says isn't. */
function isBroken(error: unknown): boolean {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    if (one instanceof NetworkFailure) return true;
    const code = 'code' in one ? String(one.code) : '';
    if (/^(?:ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE|SILENT|SLOW)$/.test(code)) return true;
  }
  return false;
}

async function recordOf(session: HubSession, path: string, id: string, job: Job): Promise<JsonObject> {
  const record = await session.json(
    { path: `${path}/objects/${id}`, doing: `looking for the object ${id}` },
    job,
  );
  return isJsonObject(record) ? record : new Map();
}

/**
 * Which objects the account lacks, without registering any: those that it has never heard of, and those of which the first byte doesn't
 * come. What a public device of somebody else has counts as missing, too; only an announcement would tell of it.
 */
export async function missingObjects(
  session: HubSession,
  objects: readonly OutgoingObject[],
  job: Job,
): Promise<readonly OutgoingObject[]> {
  const doing = 'listing the objects of the account';
  const known = objectsIn(await session.json({ path: '/objects/', doing }, job));
  const registered = new Set(known.map((one) => textOf(one, 'sha256sum')));
  const missing = new Set(objects.filter(({ id }) => !registered.has(id)));
  const inQuestion = objects.filter((object) => !missing.has(object));
  await bounded(inQuestion, askedAtOnce, job, async (object, one) => {
    if (!(await isUploaded(session, object.id, one))) missing.add(object);
  });
  return objects.filter((object) => missing.has(object));
}

/** Whether bytes come of an object that is registered. */
async function isUploaded(session: HubSession, id: string, job: Job): Promise<boolean> {
  const doing = `looking for the object ${id}`;
  const answer = await session.call({ path: `/objects/${id}`, doing, alsoFine: [403] }, job);
  // Somebody has deleted it since.
  if (answer.status === 403) return false;
  const record = session.parse(answer.bytes, doing);
  const url = signedUrl(isJsonObject(record) ? record : undefined, 'signed-geturl', doing);
  const headers = { range: 'bytes=0-0' };
  const first = await session.transport.send({ method: 'GET', url, headers, doing }, job);
  // Where ranges count for nothing, all of it would come.
  await discard(first);
  return [200, 206, 416].includes(first.status);
}

/** Which objects the account lacks, as asking for a place for each of them tells. */
async function announced(
  session: HubSession,
  objects: readonly OutgoingObject[],
  job: Job,
): Promise<ReadonlyMap<OutgoingObject, JsonObject>> {
  const missing = new Map<OutgoingObject, JsonObject>();
  await bounded(objects, askedAtOnce, job, async (object, one) => {
    const record = await announce(session, object, one);
    if (record !== undefined) missing.set(object, record);
  });
  return missing;
}

/** Sends what is missing, several at a time, each whole as often as its connection breaks. @throws Problem. */
export async function sendObjects(
  session: HubSession,
  objects: readonly OutgoingObject[],
  store: ObjectStore,
  job: Job,
): Promise<SentObjects> {
  const missing = await announced(session, objects, job);
  const total = [...missing.keys()].reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  if (missing.size > 0) job.progress('send', 0, total);
  await bounded([...missing], sentAtOnce, job, async ([object, record], one) => {
    await sendObject(session, object, record, store, one);
    job.progress('send', (done += object.size), total);
  });
  return { count: missing.size, bytes: total };
}

/** The record with the URL to send it to; undefined: it is there. */
async function announce(
  session: HubSession,
  { id, file, size }: OutgoingObject,
  job: Job,
): Promise<JsonObject | undefined> {
  const doing = `announcing ${file}`;
  const body = new Map([
    ['objectname', file],
    ['sha256sum', id],
    // As a number it would be registered as nothing.
    ['size', String(size)],
    ['mime-type', 'application/octet-stream'],
  ]);
  const answer = await session.call(
    {
      ...{ method: 'POST', path: '/objects/', body, doing, alsoFine: [409] },
      meaning: (refusal): Meaning | undefined =>
        /quota/i.test(refusalIn(refusal).message ?? '') ? overQuota(file, size) : undefined,
    },
    job,
  );
  if (answer.status === 409) return undefined;
  const record = session.parse(answer.bytes, doing);
  return isJsonObject(record) ? record : new Map();
}

async function sendObject(
  session: HubSession,
  object: OutgoingObject,
  known: JsonObject,
  store: ObjectStore,
  job: Job,
): Promise<void> {
  const { transport } = session;
  const { id, file, size } = object;
  const doing = `sending ${file}`;
  let record: JsonObject | undefined = known;
  for (let attempt = 1; ; attempt += 1) {
    const url = signedUrl(record, 'signed-puturl', doing);
    const body = { length: size, open: () => createReadStream(store.pathOf(id)) };
    const answer = await transport.send(
      { method: 'PUT', url, headers: { 'content-type': 'application/octet-stream' }, body, doing },
      job,
    );
    if (answer.status === 200) return discard(answer);
    const refusal = await readRefusal(answer);
    if (refusal.status === 400)
      throw hubProblem(doing, refusal, {
        found: 'what arrived is not what the object’s name says',
        remedy: 'Check the object with a checkout of the file, and commit it anew',
      });
    const wait = pauseAfter(attempt, transport.retry, undefined);
    if (wait === undefined) throw hubProblem(doing, refusal, usualMeaning(refusal.status));
    await pause(wait, job.signal);
    // Asked for anew, which also says whether it has come through after all.
    record = await announce(session, object, job);
    if (record === undefined) return;
  }
}

function signedUrl(record: JsonObject | undefined, key: string, doing: string): URL {
  const text = textOf(record, key);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new Problem({ doing, found: 'the hub does not say where', remedy: 'Try again later' });
}

/** A bounded number at a time; the first that fails stops the others, which have come to an end when it is told. */
async function bounded<Item>(
  items: readonly Item[],
  atOnce: number,
  job: Job,
  work: (item: Item, job: Job) => Promise<void>,
): Promise<void> {
  const failing = new AbortController();
  const signal = AbortSignal.any([job.signal, failing.signal]);
  const one: Job = {
    ...job,
    signal,
    progress: (...told) => job.progress(...told),
    warn: (...told) => job.warn(...told),
  };
  const limit = createConcurrencyLimit(atOnce);
  let first: { readonly error: unknown } | undefined;
  await Promise.all(
    items.map((item) =>
      limit(async () => {
        if (signal.aborted) return;
        try {
          await work(item, one);
        } catch (error) {
          first ??= { error };
          failing.abort();
        }
      }),
    ),
  );
  job.signal.throwIfAborted();
  if (first !== undefined) throw first.error;
}

function overQuota(file: string, size: number): Meaning {
  return {
    found: `the account has no room for ${file} with its ${formatSize(size)}`,
    remedy: 'Delete objects that no device needs any more, or ask for more room',
  };
}

function objectGone(id: string): Problem {
  return new Problem({
    doing: `fetching the object ${id}`,
    found: 'the hub does not have it: nobody has ever uploaded it whole',
    remedy: 'Have whoever made the revision post it again, or take another revision',
  });
}

function asProblem(failure: unknown, doing: string): Problem {
  if (failure instanceof Problem) return failure;
  return new Problem({
    doing,
    found: `the connection broke (${describeError(failure)})`,
    remedy: 'Try again later',
  });
}
