import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import { silentJob } from '../../../src/core/job';
import { waysOf } from '../../../src/core/remedy';
import { Problem } from '../../../src/core/problem';
import { createRemotes, type Remotes } from '../../../src/core/remote/remotes';
import { CodecPool } from '../../../src/core/squashfs/codec-pool';
import { clone } from '../../../src/core/use-cases/clone';
import { commit } from '../../../src/core/use-cases/commit';
import { compareWithDevice } from '../../../src/core/use-cases/compare-with-device';
import { post } from '../../../src/core/use-cases/post';
import { returnToGood } from '../../../src/core/use-cases/return-to-good';
import { takeNewest } from '../../../src/core/use-cases/take-newest';
import { type Hub, startHub } from '../../hub/hub';
import {
  type Account,
  addAccount,
  addDevice,
  addObject,
  addTrail,
  type Device,
  now,
  objectKey,
  progressOf,
  type Trail,
} from '../../hub/world';
import { writeFiles } from '../checkout/temporary-folder';

describe('what goes with a post', () => {
  const job = silentJob();
  let folder: string;
  let hub: Hub;
  let alice: Account;
  let kitchen: Device;
  let trail: Trail;
  let remotes: Remotes;
  let pool: CodecPool;
  let checkout: string;
  let objectsDirectory: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'posting-'));
    objectsDirectory = path.join(folder, 'objects');
    pool = new CodecPool({ directory: path.resolve('dist'), workers: 1 });
    hub = await startHub();
    alice = addAccount(hub.world, 'alice');
    kitchen = addDevice(hub.world, alice.prn, { nick: 'kitchen' });
    trail = addTrail(hub.world, kitchen, stateOf({ 'web/conf': 'web', 'db/conf': 'db' }));
    kitchen.deviceMeta = { 'pantavisor.revision': '0' };
    const token = hub.tokens.forUser(alice, 'alice');
    remotes = createRemotes({
      environment: {
        env: { PVR_BASEURL: hub.url, PVR_ACCESSTOKEN: token },
        homeDirectory: folder,
        platform: process.platform,
      },
      logins: {
        read: () => Promise.resolve(undefined),
        write: () => Promise.resolve(),
        hubs: () => Promise.resolve([]),
      },
      ask: () => Promise.resolve(undefined),
    });
    const wanted = { reference: 'kitchen', revision: undefined, folder: undefined, parent: folder };
    checkout = (await clone({ ...wanted, objectsDirectory }, remotes, pool, job)).folder;
  });

  afterEach(async () => {
    await remotes[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
    await pool.close();
    await rm(folder, { recursive: true });
  });

  function stateOf(files: Readonly<Record<string, string>>): Record<string, unknown> {
    const objects = Object.entries(files).map(([file, text]) => [
      file,
      addObject(hub.world, alice.prn, Buffer.from(text), file).sha256,
    ]);
    return {
      '#spec': 'pantavisor-service-system@1',
      ...(Object.fromEntries(objects) as Record<string, string>),
    };
  }

  /** Of somebody else. */
  function posted(state: Record<string, unknown>, status = 'DONE'): void {
    const [first] = trail.steps;
    assert.ok(first !== undefined);
    trail.steps.push({ ...first, rev: trail.steps.length, state, progress: progressOf(status) });
  }

  async function committed(files: Readonly<Record<string, string>>): Promise<void> {
    writeFiles(checkout, files);
    await commit(checkout, { message: 'mine', key: undefined }, pool, job);
  }

  const origin = async () =>
    (JSON.parse(await readFile(path.join(checkout, '.pvr/pvx-origin'), 'utf8')) as { revision: string })
      .revision;
  const text = (file: string) => readFile(path.join(checkout, file), 'utf8');
  const take = (prefer?: 'ours' | 'theirs') =>
    takeNewest(checkout, { reference: 'kitchen', prefer }, remotes, pool, job);

  it('joins what others posted with what is here, with its files, also those that are gone', async () => {
    await committed({ 'web/conf': 'mine' });
    posted(stateOf({ 'web/conf': 'web', 'cam/conf': 'theirs' }));
    const { revision, changed } = await take();
    assert.equal(revision, '1');
    assert.deepEqual(changed, ['cam/conf', 'db/conf']);
    assert.equal(await text('web/conf'), 'mine');
    assert.equal(await text('cam/conf'), 'theirs');
    await assert.rejects(stat(path.join(checkout, 'db/conf')), { code: 'ENOENT' });
    assert.equal(await origin(), '1');
  });

  it('leaves a conflict to a person, and what is not committed alone', async () => {
    await committed({ 'web/conf': 'mine' });
    posted(stateOf({ 'web/conf': 'theirs', 'db/conf': 'db' }));
    await assert.rejects(take(), (error) => {
      assert.ok(error instanceof Problem);
      assert.ok(waysOf(error.remedy).some(({ kind }) => kind === 'prefer'));
      return true;
    });
    assert.equal(await text('web/conf'), 'mine');
    await take('theirs');
    assert.equal(await text('web/conf'), 'theirs');
    writeFiles(checkout, { 'db/conf': 'in the making' });
    await assert.rejects(take(), { message: /not everything is committed.*db\/conf/ });
    assert.equal(await text('db/conf'), 'in the making');
  });

  it('goes back to what ran well, and has the checkout go on from that', async () => {
    await committed({ 'web/conf': 'broken' });
    const wanted = { reference: 'kitchen', message: undefined, isDryRun: false, isForced: false };
    await post(checkout, wanted, remotes, job);
    const failed = trail.steps[1];
    assert.ok(failed !== undefined);
    failed.progress = progressOf('ERROR', 'no', 100);
    const { remote } = await remotes.open('kitchen', job);
    const request = { remote, failed: '1', message: 'back', objectsDirectory };
    const revision = await returnToGood(checkout, request, job);
    assert.equal(revision.name, '2');
    assert.deepEqual(trail.steps[2]?.state, trail.steps[0]?.state);
    assert.equal(await origin(), '2');
    await committed({ 'web/conf': 'mended' });
    const { plan } = await post(checkout, wanted, remotes, job);
    assert.deepEqual(
      plan.objections.filter(({ weight }) => weight !== 'note'),
      [],
    );
  });

  it('looks up what became of a post whose answer was lost, or broke in its middle', async () => {
    const request = { reference: undefined, message: undefined, isDryRun: false, isForced: true };
    for (const what of ['lost', 'half'] as const) {
      const name = String(trail.steps.length);
      await committed({ 'web/conf': what });
      const matches = (method: string, place: string) => method === 'POST' && place.endsWith('/steps');
      hub.faults.push({ matches, what, times: 1 });
      assert.equal((await post(checkout, request, remotes, job)).revision?.name, name);
      assert.equal(await origin(), name);
    }
    assert.equal(trail.steps.length, 3);
  });

  it('sends what changed of a large checkout, in few requests', async () => {
    // Of zeros that lie nowhere on the disk, so that nothing waits for it.
    const size = 48 * 1024 * 1024;
    const sha256 = createHash('sha256').update(Buffer.alloc(size)).digest('hex');
    const time = now();
    hub.world.objects.set(objectKey(alice.prn, sha256), {
      ...{ sha256, owner: alice.prn, name: 'large', size, mimeType: '', content: 'none' },
      ...{ created: time, modified: time },
    });
    const state = { ...stateOf({ 'web/conf': 'web', 'db/conf': 'db' }), 'web/large': sha256 };
    trail.steps.splice(0);
    addTrail(hub.world, kitchen, state);
    await writeFile(path.join(objectsDirectory, sha256), '');
    await truncate(path.join(objectsDirectory, sha256), size);
    const wanted = { reference: 'kitchen', revision: undefined, folder: path.join(folder, 'large') };
    const cloned = await clone({ ...wanted, parent: folder, objectsDirectory }, remotes, pool, job);
    assert.equal(cloned.objects, 3);
    checkout = cloned.folder;
    await committed({ 'web/conf': randomBytes(2000).toString('hex') });
    hub.requests.length = 0;
    hub.traffic.received = 0;
    const request = { reference: undefined, message: undefined, isDryRun: false, isForced: false };
    const { revision, sent } = await post(checkout, request, remotes, job);
    assert.equal(revision?.name, '1');
    assert.deepEqual(sent, { count: 1, bytes: 4000 });
    assert.ok(hub.requests.length < 12, hub.requests.join('\n'));
    assert.ok(hub.traffic.received < 100_000, `${hub.traffic.received}`);
  });

  it('compares what lies there, committed or not, with what the device runs', async () => {
    posted(stateOf({ 'web/conf': 'never ran' }), 'WONTGO');
    writeFiles(checkout, { 'web/conf': 'mine', 'web/root.squashfs': 'not compared inside' });
    const { remote } = await remotes.open('kitchen', job);
    const found = await compareWithDevice(new OpenedCheckout(checkout), remote, pool, job);
    assert.equal(found.revision, '0');
    assert.equal(found.isRunning, true);
    assert.equal(found.name, 'alice/kitchen');
    assert.deepEqual(found.fileSystems, []);
    assert.deepEqual(found.files, [{ path: 'web/conf', standing: 'changed' }]);
  });
});
