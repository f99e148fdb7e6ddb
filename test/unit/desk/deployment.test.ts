import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { silentJob, type Job } from '../../../src/core/job';
import { DeskRemote } from '../../../src/core/remote/desk/desk-remote';
import { socketWay } from '../../../src/core/remote/desk/socket-way';
import { StateMemory } from '../../../src/core/remote/desk/state-memory';
import { ObjectStore } from '../../../src/core/objects/object-store';
import type { OutgoingRevision } from '../../../src/core/remote/remote';
import { followRevision } from '../../../src/core/use-cases/follow-revision';
import { Device, sha256, type State } from '../../desk/device';

const run = { '#spec': 'service-manifest-run@1', name: 'web', config: 'conf', type: 'lxc', group: 'app' };
const base = { '#spec': 'pantavisor-service-system@1', 'web/run.json': run };
const pace = { quick: 5, slow: 5 };

describe('a device is never left worse', { skip: process.platform === 'win32' }, () => {
  let folder: string;
  let device: Device;
  let remote: DeskRemote;
  let store: ObjectStore;
  let job: Job;
  const warnings: string[] = [];
  const open: AsyncDisposable[] = [];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'deployment-'));
    store = new ObjectStore(path.join(folder, 'objects'));
    await store.make();
  });
  after(async () => {
    for (const one of open) await one[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    const first = Buffer.from('first conf');
    const own = await mkdtemp(path.join(folder, 'device-'));
    device = await Device.start({
      ...{ folder: own, state: { ...base, 'web/conf': sha256(first) }, objects: [first], pace: 5 },
    });
    const way = socketWay(device.socket);
    const memory = new StateMemory(path.join(own, 'states'), way.address);
    remote = new DeskRemote(way, { memory, timeouts: { headers: 1_000, body: 1_000 }, rest: 100 });
    open.unshift(remote, device);
    warnings.length = 0;
    job = { ...silentJob(), warn: (text) => void warnings.push(text) };
  });

  /** A state with files that this machine has. */
  async function outgoing(files: Readonly<Record<string, string>>): Promise<OutgoingRevision> {
    const ids: Record<string, string> = {};
    for (const [file, text] of Object.entries(files)) {
      ids[file] = sha256(text);
      await store.receive(sha256(text), chunks(text), { source: 'test' });
    }
    const state: State = { ...base, ...ids };
    const objects = Object.entries(files).map(([file, text]) => ({
      id: sha256(text),
      file,
      size: text.length,
    }));
    const known = new Set<string>();
    return { state: JSON.stringify(state), message: 'news', after: device.running, objects, known };
  }

  async function* chunks(text: string): AsyncGenerator<Buffer> {
    yield await Promise.resolve(Buffer.from(text));
  }

  const writes = () => device.requests.filter((request) => !request.startsWith('GET'));
  const commands = () => writes().filter((request) => request.startsWith('POST'));

  it('§3.9: the step first, then its objects, then a look at both, and only then a command', async () => {
    const { revision, sent } = await remote.deliver(
      await outgoing({ 'web/conf': 'second', 'web/more': 'x' }),
      store,
      job,
    );
    const order = device.requests.map((request) =>
      request.replace(/locals\/[^/]+/, 'NEW').replace(/[0-9a-f]{64}/, 'ID'),
    );
    const from = order.indexOf('PUT /steps/NEW');
    const sending = order.slice(from, order.indexOf('POST /commands') + 1);
    assert.deepEqual(
      sending.filter((request) => !request.startsWith('GET')),
      ['PUT /steps/NEW', 'PUT /steps/NEW/commitmsg', 'PUT /objects/ID', 'PUT /objects/ID', 'POST /commands'],
    );
    const last = sending.slice(sending.lastIndexOf('PUT /objects/ID'));
    assert.ok(last.includes('GET /objects') && last.includes('GET /steps/NEW'), last.join('\n'));
    assert.deepEqual(sent, { count: 2, bytes: 7 });
    const end = await followRevision(remote, revision.name, { onChange: () => undefined, pace }, job);
    assert.equal(end.progress.status, 'UPDATED');
    assert.equal(end.message, 'news');
    assert.equal(device.running, revision.name);
  });

  it('§1.3: a name that exists is never written to', async () => {
    const first = await outgoing({ 'web/conf': 'second' });
    const time = new Date('2026-11-30T12:00:00Z');
    const realDate = Date;
    // Two at the same second, of the same state.
    globalThis.Date = class extends realDate {
      constructor() {
        super(time);
      }
    } as unknown as DateConstructor;
    globalThis.Date.now = () => time.getTime();
    try {
      const one = await remote.put(first, store, job);
      const other = await remote.put(first, store, job);
      assert.notEqual(one.revision.name, other.revision.name);
    } finally {
      globalThis.Date = realDate;
    }
    const puts = writes().filter((request) => /^PUT \/steps\/locals\/[^/]+$/.test(request));
    assert.equal(new Set(puts).size, puts.length);
    assert.equal(puts.length, 2);
  });

  it('§1.3: after a lost answer the same name is not written to again', async () => {
    const isStep = (method: string, place: string) =>
      method === 'PUT' && /^\/steps\/locals\/[^/]+$/.test(place);
    device.faults.push({ matches: isStep, what: 'lost' }, { matches: isStep, what: 'cut' });
    await remote.put(await outgoing({ 'web/conf': 'second' }), store, job);
    await remote.put(await outgoing({ 'web/conf': 'third' }), store, job);
    const puts = writes().filter((request) => /^PUT \/steps\/locals\/[^/]+$/.test(request));
    assert.equal(new Set(puts).size, puts.length);
    assert.equal(puts.length, 3);
  });

  it('§1.3: what is no state is not sent', async () => {
    const wrong = { ...(await outgoing({})), state: 'broken' };
    await assert.rejects(remote.deliver(wrong, store, job), /state/);
    assert.deepEqual(writes(), []);
  });

  it('§5.10: a refusal of the step ends it, before any object is sent', async () => {
    const isStep = (method: string, place: string) => method === 'PUT' && place.startsWith('/steps/');
    device.faults.push({ matches: isStep, what: 422 });
    await assert.rejects(
      remote.deliver(await outgoing({ 'web/conf': 'second' }), store, job),
      /the device refuses it/,
    );
    assert.equal(writes().length, 1);
    assert.equal(device.running, '0');
  });

  it('§1.4: nothing is run that the device lacks objects of', async () => {
    const revision = await outgoing({ 'web/conf': 'second' });
    // Nobody has it.
    const state = JSON.stringify({ ...(JSON.parse(revision.state) as State), 'web/gone': 'f'.repeat(64) });
    await assert.rejects(
      remote.deliver({ ...revision, state }, store, job),
      /neither the device nor this machine has web\/gone/,
    );
    assert.deepEqual(writes(), []);
    device.addStep('locals/half', { ...base, 'web/gone': 'f'.repeat(64) });
    await assert.rejects(remote.runAgain('locals/half', store, job), /neither the device nor this machine/);
    assert.deepEqual(commands(), []);
  });

  it('§1.5: what the garbage collector takes in between is sent again, under another name', async () => {
    const isLast = (method: string, place: string) => method === 'PUT' && place.startsWith('/objects/');
    device.faults.push({ matches: isLast, what: 'gc' });
    const { revision } = await remote.deliver(await outgoing({ 'web/conf': 'second' }), store, job);
    const puts = writes().filter((request) => /^PUT \/steps\/locals\/[^/]+$/.test(request));
    assert.equal(new Set(puts).size, 2);
    assert.equal(commands().length, 1);
    await followRevision(remote, revision.name, { onChange: () => undefined, pace }, job);
    assert.equal(device.stateOf('current')?.['web/conf'], sha256('second'));
  });

  it('§1.5: going back sends again what was cleared away, and runs again what is there', async () => {
    const there = await remote.deliver(await outgoing({ 'web/conf': 'second' }), store, job);
    await followRevision(remote, there.revision.name, { onChange: () => undefined, pace }, job);
    const next = await remote.deliver(await outgoing({ 'web/conf': 'third' }), store, job);
    await followRevision(remote, next.revision.name, { onChange: () => undefined, pace }, job);
    device.requests.length = 0;
    const again = await remote.runAgain(there.revision.name, store, job);
    assert.equal(again.name, there.revision.name);
    assert.deepEqual(writes(), ['POST /commands']);
    await followRevision(remote, again.name, { onChange: () => undefined, pace }, job);
    assert.equal(device.running, there.revision.name);
    device.collectGarbage();
    const anew = await remote.runAgain(next.revision.name, store, job);
    assert.notEqual(anew.name, next.revision.name);
    assert.match(warnings.join('\n'), /cleared revision .* away/);
    await followRevision(remote, anew.name, { onChange: () => undefined, pace }, job);
    assert.equal(device.stateOf('current')?.['web/conf'], sha256('third'));
    await assert.rejects(remote.runAgain('locals/never', store, job), /nobody here knows what it was/);
  });

  it('§1.6: long progress is read by itself, and commands have their full names', async () => {
    device.fails = () => 'A container could not be started';
    const { revision } = await remote.deliver(await outgoing({ 'web/conf': 'x'.repeat(10) }), store, job);
    const end = await followRevision(remote, revision.name, { onChange: () => undefined, pace }, job);
    assert.equal(end.progress.status, 'ERROR');
    const words = await remote.logs({ revision: revision.name, limit: 20 }, job);
    assert.match(words.map(({ message }) => message).join('\n'), /web: can not start\n.*Tearing down/s);
    const all = await remote.revisions(job);
    assert.deepEqual(all.map(({ progress }) => progress.status).sort(), ['DONE', 'ERROR']);
    assert.equal((await remote.facts(job)).running, '0');
  });

  it('§1.6: a request that hangs while the device starts is given up, and asked again', async () => {
    device.faults.push({ matches: (_, place) => place.endsWith('/progress'), what: 'hang', times: 1 });
    assert.equal((await remote.revision('0', job)).progress.status, 'DONE');
  });

  it('one command at a time: what another one runs is waited for, or told', async () => {
    const both = await Promise.allSettled([
      remote.deliver(await outgoing({ 'web/conf': 'second' }), store, job),
      remote.deliver(await outgoing({ 'web/conf': 'third' }), store, job),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal(commands().length, 1);
    const why = both.find((end) => end.status === 'rejected')?.reason as Error;
    assert.match(why.message, /it is at work on revision|somebody was faster|it is not ready/);
  });

  it('what runs meanwhile is not taken for what was to be followed', async () => {
    const revision = { ...(await outgoing({ 'web/conf': 'second' })), after: 'locals/else' };
    await assert.rejects(
      remote.deliver(revision, store, job),
      /somebody was faster: revision 0 is the newest now/,
    );
    assert.deepEqual(writes(), []);
  });

  it('what does not fit on its disk is not begun with', async () => {
    device.storage = { ...device.storage, real_free: 100 };
    const big = await outgoing({ 'web/conf': 'x'.repeat(200) });
    await assert.rejects(
      remote.deliver(big, store, job),
      /200 B are to be sent, and the device has room for 100 B/,
    );
    device.storage = { ...device.storage, real_free: 1_000_000 };
    device.faults.push({
      matches: (method, place) => method === 'PUT' && place.startsWith('/objects'),
      what: 507,
    });
    await assert.rejects(remote.deliver(big, store, job), /not enough room on the disk/);
    assert.deepEqual(commands(), []);
  });

  it('an object whose connection breaks is sent again, whole', async () => {
    const isObject = (method: string, place: string) => method === 'PUT' && place.startsWith('/objects/');
    device.faults.push({ matches: isObject, what: 'cut' });
    const { sent } = await remote.put(await outgoing({ 'web/conf': 'second' }), store, job);
    assert.equal(sent.count, 1);
    assert.equal(String(device.objects.get(sha256('second'))), 'second');
  });

  it('a command whose answer is lost is looked up, and not given twice', async () => {
    device.faults.push({ matches: (_, place) => place === '/commands', what: 'lost' });
    await remote.deliver(await outgoing({ 'web/conf': 'second' }), store, job);
    assert.equal(commands().length, 1);
  });

  it('containers are told, and started and stopped', async () => {
    const [web] = await remote.containers.list(job);
    assert.deepEqual(web, {
      ...{ name: 'web', group: 'app', status: 'STARTED', goal: 'STARTED', restartPolicy: 'container' },
      ...{ roles: ['mgmt'], isStopped: false, recovery: { retries: 0, maxRetries: 5, isStable: true } },
    });
    await remote.containers.act('web', 'stop', job);
    assert.equal((await remote.containers.list(job))[0]?.isStopped, true);
    await assert.rejects(remote.containers.act('db', 'stop', job), /Container not found/);
    assert.deepEqual(
      [
        ...(await remote.setMeta(
          'user',
          new Map([
            ['a', '1'],
            ['b', '2'],
          ]),
          job,
        )),
      ],
      [
        ['a', '1'],
        ['b', '2'],
      ],
    );
    assert.deepEqual([...(await remote.setMeta('user', new Map([['a', undefined]]), job))], [['b', '2']]);
  });

  it('objects come from it whole, again where the connection broke', async () => {
    const other = new ObjectStore(await mkdtemp(path.join(folder, 'store-')));
    await other.make();
    const id = sha256('first conf');
    device.faults.push({
      matches: (method, place) => method === 'GET' && place.startsWith('/objects/'),
      what: 'cut',
    });
    await remote.bring('0', new Set([id]), other, job);
    assert.equal(await readFile(other.pathOf(id), 'utf8'), 'first conf');
    device.objects.set(id, Buffer.from('something else'));
    const third = new ObjectStore(await mkdtemp(path.join(folder, 'store-')));
    await third.make();
    await assert.rejects(remote.bring('0', new Set([id]), third, job), /damaged/);
  });
});
