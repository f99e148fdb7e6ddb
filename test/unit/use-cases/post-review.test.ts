import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { parseJson } from '../../../src/core/json/parse';
import { isJsonObject, type JsonObject } from '../../../src/core/json/value';
import { ObjectStore } from '../../../src/core/objects/object-store';
import { createRemotes, type Remotes } from '../../../src/core/remote/remotes';
import { type PostReview, reviewPost } from '../../../src/core/use-cases/steps/post-review';
import { membersAt } from '../../../src/core/use-cases/steps/remote-state';
import { canonical } from '../../hub/canonical';
import { type Hub, startHub } from '../../hub/hub';
import {
  type Account,
  addAccount,
  addDevice,
  addObject,
  addTrail,
  type Device,
  progressOf,
  type Trail,
} from '../../hub/world';

const spec = { '#spec': 'pantavisor-service-system@1' };
const runOf = (name: string, policy?: string) => ({
  ...{ '#spec': 'service-manifest-run@1', name, config: 'conf', type: 'lxc' },
  ...(policy !== undefined && { restart_policy: policy }),
});

describe('the review of a post', () => {
  let hub: Hub;
  let alice: Account;
  let kitchen: Device;
  let trail: Trail;
  let remotes: Remotes;
  let store: ObjectStore;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'review-'));
    hub = await startHub();
    alice = addAccount(hub.world, 'alice');
    kitchen = addDevice(hub.world, alice.prn, { nick: 'kitchen' });
    trail = addTrail(hub.world, kitchen, {
      ...spec,
      'web/run.json': runOf('web', 'container'),
      'web/root.squashfs': atHub('w'.repeat(1000)),
      'db/run.json': runOf('db', 'system'),
      'db/root.squashfs': atHub('d'.repeat(500)),
    });
    store = new ObjectStore(path.join(folder, 'objects'));
    await store.make();
    const token = hub.tokens.forUser(alice, 'alice');
    const none = { read: () => Promise.resolve(undefined), write: () => Promise.resolve() };
    remotes = createRemotes({
      environment: {
        env: { PVR_BASEURL: hub.url, PVR_ACCESSTOKEN: token },
        homeDirectory: folder,
        platform: process.platform,
      },
      logins: { ...none, hubs: () => Promise.resolve([]) },
      ask: () => Promise.resolve(undefined),
    });
  });

  afterEach(async () => {
    await remotes[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  function atHub(content: string): string {
    return addObject(hub.world, alice.prn, Buffer.from(content)).sha256;
  }

  /** An object that is here alone. */
  async function here(content: string): Promise<string> {
    const id = createHash('sha256').update(content).digest('hex');
    await store.receive(id, Readable.from([Buffer.from(content)]), {
      source: 'the test',
      signal: new AbortController().signal,
    });
    return id;
  }

  /** Adds a revision to the device's trail. */
  function posted(state: Record<string, unknown>, status: string): void {
    const [first] = trail.steps;
    assert.ok(first !== undefined);
    trail.steps.push({ ...first, rev: trail.steps.length, state, progress: progressOf(status) });
  }

  async function review(state: Record<string, unknown>): Promise<PostReview> {
    const job = silentJob();
    const { remote } = await remotes.open('kitchen', job);
    const facts = await remote.facts(job);
    const headName = facts.head;
    assert.ok(headName !== undefined);
    const members = parseJson(canonical(state), 'the state');
    assert.ok(isJsonObject(members));
    const own: JsonObject = members;
    const head = await remote.revision(headName, job);
    const headMembers = await membersAt(remote, headName, job);
    return reviewPost({ remote, facts, head, headMembers, members: own, store }, job);
  }

  const factory = () => ({ ...trail.steps[0]?.state });

  it('counts what the device lacks once, and keeps what it runs and what it goes back to', async () => {
    // What runs, and would be gone after a power cut.
    posted({ ...factory(), 'web/root.ovl.squashfs': atHub('o'.repeat(30)) }, 'UPDATED');
    // What never ran.
    posted({ ...factory(), 'web/root.ovl.squashfs': atHub('x'.repeat(70)) }, 'ERROR');
    kitchen.deviceMeta = { 'pantavisor.revision': '1', storage: { total: 9000, free: 900, real_free: 800 } };
    const [web, db] = ['web/root.squashfs', 'db/root.squashfs'];
    await here('w'.repeat(1000));
    await here('d'.repeat(500));
    const overlay = await here('x'.repeat(70));
    const { against, lastDone, download, disk, parts, restart } = await review({
      ...factory(),
      'web/root.ovl.squashfs': overlay,
      '_config/web/etc/motd': overlay,
      'new/run.json': runOf('new', 'container'),
      'new/root.squashfs': await here('n'.repeat(11)),
    });
    assert.deepEqual({ against, lastDone }, { against: '1', lastDone: '0' });
    assert.equal(download, 81);
    assert.deepEqual(disk, { kept: 1000 + 500 + 30 + 70 + 11, own: 1581, unknown: 0, free: 800 });
    assert.deepEqual(
      parts.map(({ name, kind, files, download: own, restart: { effect } }) => [
        name,
        kind,
        files.join(),
        own,
        effect,
      ]),
      [
        ['new', 'added', 'new/root.squashfs,new/run.json', 11, 'container'],
        ['web', 'changed', '_config/web/etc/motd,web/root.ovl.squashfs', 70, 'container'],
      ],
    );
    assert.equal(restart.effect, 'container');
    assert.ok([web, db].every((file) => !parts.some(({ files }) => files.includes(file))));
  });

  it('judges a restart by the policies of the state itself, also of an app that goes', async () => {
    kitchen.deviceMeta = { 'pantavisor.revision': '0' };
    await here('w'.repeat(1000));
    const state = factory();
    delete state['db/run.json'];
    delete state['db/root.squashfs'];
    const { parts, restart, disk, download } = await review(state);
    assert.deepEqual(
      parts.map(({ name, kind }) => [name, kind]),
      [['db', 'removed']],
    );
    assert.match(restart.reason, /the restart policy of db itself is system/);
    assert.equal(restart.effect, 'reboot');
    assert.equal(download, 0);
    assert.deepEqual(disk, { kept: 1500, own: 1000, unknown: 0, free: undefined });
  });

  it('compares with the newest revision where the hub does not have what runs', async () => {
    kitchen.deviceMeta = { 'pantavisor.revision': 'locals/mine', storage: '{"real_free":5}' };
    await here('w'.repeat(1000));
    await here('d'.repeat(500));
    const { against, parts, download, disk } = await review(factory());
    assert.equal(against, '0');
    assert.deepEqual(parts, []);
    assert.equal(download, 0);
    assert.equal(disk.free, 5);
  });
});
