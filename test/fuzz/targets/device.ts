import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { createTransport, type Transport } from '../../../src/core/net/transport';
import { Problem } from '../../../src/core/problem';
import { entriesOf } from '../../../src/core/remote/desk/device-logs';
import { DeskRemote } from '../../../src/core/remote/desk/desk-remote';
import { logsOf, progressOf } from '../../../src/core/remote/desk/progress';
import { PvCtrl } from '../../../src/core/remote/desk/pv-ctrl';
import { findSdk } from '../../../src/core/remote/desk/sdk-remote';
import { parseLogs } from '../../../src/core/remote/desk/ssh-way';
import { StateMemory } from '../../../src/core/remote/desk/state-memory';
import type { WayIn } from '../../../src/core/remote/desk/way-in';
import { sha256Of } from '../../../src/core/bytes/sha256';
import type { Job } from '../../../src/core/job';
import { isJsonObject } from '../../../src/core/json/value';
import { parseJson } from '../../../src/core/json/parse';
import { ObjectStore } from '../../../src/core/objects/object-store';
import { type Answer, type Script, ScriptedServer } from '../scripted-server';
import type { Seeds, Target } from '../target';
import { varyJson } from '../vary-json';

/** It ends each connection with its answer, so that nothing has to be waited for. */
const server = new ScriptedServer();
const timeouts = { connect: 300, headers: 300, body: 300 };
/** Milliseconds before what broke is asked again. */
const rest = 1;
const transport = createTransport({
  environment: { env: {}, homeDirectory: '/nowhere', platform: process.platform },
  remedies: {
    ...{ noTls: '', noSuchName: '', refused: '', noHttp: '', badRedirect: '', tooLong: '' },
    ...{ wantsCertificate: () => '', notTrusted: () => '' },
  },
  ...{ retry: { attempts: 1 }, timeouts },
});

const content = 'an object';
const id = sha256Of(content);

/** What answers in the place of a device: over its control socket, and by HTTP. */
export const target: Target = {
  seeds,
  vary: (input, _, random) => Buffer.from(varyJson(input.toString('utf8'), random), 'utf8'),
  async read(input, folder, job) {
    const text = input.toString('utf8');
    readDocuments(text);
    const host = await server.play({ answers: {} });
    await server.play(scriptIn(text.replaceAll('$HOST', host)));
    const store = new ObjectStore(path.join(folder, 'objects'));
    await store.make();
    await readByControl(host, folder, store, job);
    await readByHttp(host, folder, job);
    for (const name of await store.list())
      if (!(await store.isWhole(name))) throw new Error(`${name} is not what its name says`);
  },
  async close() {
    await transport.close();
    await server.close();
  },
};

/** What is read of texts that a device wrote, whichever way they come. */
function readDocuments(text: string): void {
  const seen = new Map<string, number>();
  for (const isNew of [false, true]) entriesOf(parseLogs(`\f${text}`), '0', seen, isNew);
  try {
    const document = parseJson(text, 'a progress');
    if (!isJsonObject(document)) return;
    progressOf(document);
    logsOf(document, '0');
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

async function readByControl(host: string, folder: string, store: ObjectStore, job: Job): Promise<void> {
  const way = wayTo(Number(host.split(':')[1]));
  const memory = new StateMemory(path.join(folder, 'states'), 'control');
  await using remote = new DeskRemote(way, { memory, timeouts, rest });
  const ctrl = new PvCtrl(way, timeouts, rest);
  await expectingProblems([
    () => remote.facts(job),
    () => remote.revisions(job),
    () => remote.revision('0', job),
    () => remote.state('0', job),
    () => remote.quota(job),
    () => remote.missing([{ id, file: 'web/conf', size: content.length }], job),
    () => remote.containers.list(job),
    () => remote.setMeta('user', new Map([['a', 'b']]), job),
    async () => logsOf((await ctrl.progress('0', job)) ?? new Map(), '0'),
    async () => store.receive(id, await ctrl.object(id, job), { source: 'x', signal: job.signal }),
  ]);
  ctrl.close();
}

async function readByHttp(host: string, folder: string, job: Job): Promise<void> {
  const memory = (address: string) => new StateMemory(path.join(folder, 'states'), address);
  const local = staysAt(host);
  await expectingProblems([
    async () => {
      const remote = await findSdk(host, local, memory, job);
      if (remote === undefined) return;
      await expectingProblems([
        () => remote.facts(job),
        () => remote.revisions(job),
        () => remote.revision('locals/x', job),
        () => remote.state('0', job),
        () => remote.logs({ limit: 10 }, job),
        () => remote.logs({ limit: 10, after: '' }, job),
      ]);
    },
  ]);
}

/** Whatever a device says where its states and objects are: no name is looked up, and nobody else is asked. */
function staysAt(host: string): Transport {
  const here = (url: URL) => new URL(`${url.pathname}${url.search}`, `http://${host}`);
  return {
    ...transport,
    send: (request, job) => transport.send({ ...request, url: here(request.url) }, job),
    fetch: (request, maxBytes, job) => transport.fetch({ ...request, url: here(request.url) }, maxBytes, job),
  };
}

async function expectingProblems(works: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const work of works)
    await work().catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
    });
}

function wayTo(port: number): WayIn {
  return {
    ...{ address: 'unix:///x', name: 'x', nick: 'x' },
    prepare: () => Promise.resolve(),
    async connect() {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    },
    logFiles: () => Promise.resolve(undefined),
    object: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function seeds(): Promise<Seeds> {
  const log = '{"tsec":1,"tnano":2,"platform":"web","lvl":"ERROR","src":"lxc","msg":"x"}\n';
  const progress = { status: 'ERROR', 'status-msg': 'x', progress: 100, retries: 0, logs: log };
  const state = { '#spec': 'pantavisor-service-system@1', 'web/conf': id };
  const answers: Readonly<Record<string, unknown>> = {
    '/device-meta': {
      ...{ 'pantavisor.revision': '0', 'pantavisor.status': 'READY' },
      storage: { total: 9, real_free: 5, free: 4, reserved: 1 },
    },
    '/user-meta': { a: 'b' },
    '/steps': [{ name: '0', date: '2026-11-30T01:43:01Z', commitmsg: '', progress: {} }],
    '/steps/0/progress': progress,
    '/steps/0': state,
    '/objects': [{ sha256: id, size: '9' }],
    '/containers': [
      {
        ...{ name: 'web', group: 'app', status: 'STARTED', status_goal: 'STARTED', roles: ['mgmt'] },
        auto_recovery: { max_retries: 5, current_retries: 0, is_stable: 'true' },
      },
    ],
    '/cgi-bin/pvr/.pvrremote': {
      ...{ 'json-get-url': 'http://$HOST/steps/0', 'objects-endpoint': 'http://$HOST/objects' },
      ...{ 'post-url': 'http://$HOST/post', 'json-key': 'state-json' },
    },
    '/cgi-bin/pvtx/status': { progress },
  };
  const sound: Record<string, Answer> = {
    ...Object.fromEntries(
      Object.entries(answers).map(([name, value]) => [name, { body: JSON.stringify(value) }]),
    ),
    [`/objects/${id}`]: { body: content },
    '/cgi-bin/logs': { body: '[pantavisor] 1105 INFO -- [log]: (fn:line) text\nplain\n' },
  };
  const inputs: Readonly<Record<string, object>> = {
    'a device': { answers: sound },
    'another object': { answers: { ...sound, [`/objects/${id}`]: { body: 'another' } } },
    'one that starts': { answers: { ...sound, '/device-meta': { status: 503, body: '{"Error":"x"}' } } },
    'a page': { answers: { ...sound, '/cgi-bin/pvr/.pvrremote': { body: '<html>' } } },
    'half an answer': {
      answers: { ...sound, '/steps': { headers: { 'content-length': '99' }, body: '[{"name"' } },
    },
    'a progress': progress,
  };
  return Promise.resolve({
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [name, Buffer.from(JSON.stringify(value))]),
    ),
    'files of logs': Buffer.from(
      `pantavisor/pantavisor.log\n1:${log}2:[web] 1 WARN -- [x]: y\n\fweb/lxc.log\n7:x`,
    ),
  });
}

/** Whatever is no script, or no answer, says nothing. */
function scriptIn(text: string): Script {
  try {
    const { answers } = JSON.parse(text) as { readonly answers?: Readonly<Record<string, unknown>> };
    const isAnswer = (answer: unknown): answer is Answer =>
      typeof answer === 'object' && answer !== null && typeof (answer as Answer).body === 'string';
    return {
      answers: Object.fromEntries(
        Object.entries(answers ?? {}).flatMap(([name, answer]) => (isAnswer(answer) ? [[name, answer]] : [])),
      ),
    };
  } catch {
    return { answers: {} };
  }
}
