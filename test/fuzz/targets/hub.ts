import path from 'node:path';
import type { Job } from '../../../src/core/job';
import { ObjectStore } from '../../../src/core/objects/object-store';
import { Problem } from '../../../src/core/problem';
import { AuthFile } from '../../../src/core/remote/pantahub/logins';
import { createRemotes } from '../../../src/core/remote/remotes';
import { stateAt } from '../../../src/core/use-cases/steps/remote-state';
import { sha256Of as sha256 } from '../../../src/core/bytes/sha256';
import { type Answer, type Script, ScriptedServer } from '../scripted-server';
import type { Seeds, Target } from '../target';
import { varyJson } from '../vary-json';

const server = new ScriptedServer();
const id = '6b0cda23686c8238cc34e514';
const content = 'an object';
const stateText = `{"#spec":"pantavisor-service-system@1","web/conf":"${sha256(content)}","web/run.json":{"name":"web"}}`;

/** Answers of a hub, to all that is asked of it about a device. */
export const target: Target = {
  seeds,
  vary: (input, _, random) => Buffer.from(varyJson(input.toString('utf8'), random), 'utf8'),
  async read(input, folder, job) {
    const host = await server.play({ answers: {} });
    await server.play(scriptIn(input.toString('utf8').replaceAll('$HOST', host)));
    await using remotes = createRemotes({
      environment: {
        env: { PVR_BASEURL: `http://${host}`, PVR_ACCESSTOKEN: 'e30.e30.x' },
        homeDirectory: folder,
        platform: process.platform,
      },
      logins: new AuthFile(folder),
      ask: () => Promise.resolve(undefined),
      retry: { attempts: 1 },
      timeouts: { connect: 1000, headers: 1000, body: 1000 },
    });
    await expectingProblems(() => remotes.hub().devices(job));
    const { remote } = await remotes.open('kitchen', job);
    const store = new ObjectStore(path.join(folder, 'objects'));
    await store.make();
    const objects = [{ id: sha256(content), file: 'web/conf', size: content.length }];
    const works: readonly ((one: Job) => Promise<unknown>)[] = [
      (one) => remote.facts(one),
      (one) => remote.revisions(one),
      (one) => stateAt(remote, '0', one),
      (one) => remote.bring('0', new Set([sha256(content)]), store, one),
      (one) => remote.missing(objects, one),
      (one) => remote.quota(one),
      (one) => remote.logs({ limit: 10 }, one),
      (one) =>
        remote.deliver({ state: stateText, message: 'x', after: '0', objects, known: new Set() }, store, one),
      (one) => remote.cancel('0', one),
    ];
    for (const work of works) await expectingProblems(() => work(job));
    for (const name of await store.list())
      if (!(await store.isWhole(name))) throw new Error(`${name} is not what its name says`);
  },
  close: () => server.close(),
};

async function expectingProblems(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

function seeds(): Promise<Seeds> {
  const trail = `/trails/${id}`;
  const url = `http://$HOST/local-s3/get`;
  const object = { sha256sum: sha256(content), size: '9', sizeint: 9, 'signed-geturl': url };
  const device = {
    id,
    prn: `prn:::devices:/${id}`,
    nick: 'kitchen',
    'user-meta': {},
    'device-meta': { 'pantavisor.revision': '0' },
  };
  const step = {
    rev: 0,
    'commit-msg': 'x',
    'state-sha': sha256(stateText),
    progress: { status: 'DONE', progress: 100 },
  };
  const log = {
    id: '1',
    'time-created': '2026-11-30T00:00:00Z',
    rev: '0',
    plat: 'web',
    lvl: 'INFO',
    msg: 'x',
  };
  const answers: Readonly<Record<string, unknown>> = {
    '/devices/': [device],
    '/devices/kitchen': device,
    [`/devices/${id}`]: device,
    '/trails/summary': [{ deviceid: id, revision: 0, status: 'DONE' }],
    [`${trail}/.pvrremote`]: { 'json-get-url': `http://$HOST${trail}/steps/0/state` },
    [`${trail}/steps`]: [step],
    [`${trail}/steps/0`]: step,
    [`${trail}/steps/0/objects`]: [object],
    '/objects/': [object],
    [`/objects/${sha256(content)}`]: object,
    '/dash/': { subscription: { 'quota-stats': { OBJECTS: { Actual: 1, Max: 2, Unit: 'GiB' } } } },
    '/logs/': { start: 0, entries: [log] },
  };
  const texts: Record<string, Answer> = Object.fromEntries(
    Object.entries(answers).map(([name, value]) => [name, { body: JSON.stringify(value) }]),
  );
  const sound: Record<string, Answer> = {
    ...texts,
    [`${trail}/steps/0/state`]: { body: stateText },
    '/local-s3/get': { body: content },
  };
  const scripts: Readonly<Record<string, Script>> = {
    'a device': { answers: sound },
    'another object': { answers: { ...sound, '/local-s3/get': { body: 'another' } } },
    'two documents': { answers: { ...sound, [`${trail}/steps/0`]: { status: 500, body: '{"a":1}{"b":2}' } } },
    'no state': { answers: { ...sound, [`${trail}/steps/0/state`]: { body: '{}' } } },
    'a page': { answers: { ...sound, '/devices/kitchen': { body: '<html>' } } },
  };
  return Promise.resolve(
    Object.fromEntries(
      Object.entries(scripts).map(([name, script]) => [name, Buffer.from(JSON.stringify(script))]),
    ),
  );
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
