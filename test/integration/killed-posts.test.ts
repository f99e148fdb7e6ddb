import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sha256OfFile } from '../../src/core/files/hash-file';
import type { Pvx } from '../device-view/pvx';
import { Random } from '../device-view/random';
import { HubPlace, runOfApp } from '../hub/hub-place';
import { addDevice, addObject, addTrail, type Trail } from '../hub/world';
import { isLongForm } from '../long-form';
import { Counts } from './killed-process';

/** All moments follow from it, as far as two runs take the same time. */
const seed = Number(process.env['SEED'] ?? 1);
/** With those that `killed-revisions` does, a hundred, and in the long form far more; or as many as are asked for. */
const killsOfEach = Number(process.env['KILLS'] ?? (isLongForm ? 70 : 25));
/** Each, so that a kill meets objects that are half there. */
const objectSize = 200_000;
const objectsOfApp = 6;

const noise = (of: number) => new Random(of).bytes(objectSize);
const fileNames = Array.from({ length: objectsOfApp }, (_, at) => `web/data-${at}`);

describe('a command for devices that is killed leaves nothing half-made, and the next one goes on', () => {
  let place: HubPlace;
  before(async () => {
    place = await HubPlace.open({ latency: 2, tokenLife: 24 * 3600 });
  });
  after(() => place[Symbol.asyncDispose]());

  /** A device with an app of several objects. */
  function device(nick: string, from: number): Trail {
    const { alice, hub } = place;
    const state: Record<string, unknown> = {
      '#spec': 'pantavisor-service-system@1',
      'web/run.json': runOfApp('web', { config: 'data-0' }),
    };
    for (const [at, name] of fileNames.entries())
      state[name] = addObject(hub.world, alice.prn, noise(from + at), name).sha256;
    return addTrail(hub.world, addDevice(hub.world, alice.prn, { nick }), state);
  }

  /** Starts a command, and kills it after so many requests, and some milliseconds. */
  async function killed(
    pvx: Pvx,
    folder: string,
    command: readonly string[],
    { requests, pause }: { readonly requests: number; readonly pause: number },
  ): Promise<'killed' | 'ended'> {
    const before = place.hub.requests.length;
    const child = pvx.start(folder, ...command);
    child.stderr.resume();
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    const run = { isOver: false };
    void ended.then(() => (run.isOver = true));
    while (!run.isOver && place.hub.requests.length < before + requests) await delay(1);
    if (pause > 0) await delay(pause);
    child.kill('SIGKILL');
    const [, signal] = await ended;
    // What was sent is answered before anybody looks.
    await delay(10);
    return signal === null ? 'ended' : 'killed';
  }

  const moment = (random: Random, most: number) => ({
    requests: random.below(most),
    pause: random.below(12),
  });

  /** Everything in a store has the bytes of its name. */
  async function requireWholeObjects(store: string): Promise<void> {
    for (const name of existsSync(store) ? await readdir(store) : [])
      if (/^[0-9a-f]{64}$/.test(name)) assert.equal(await sha256OfFile(path.join(store, name)), name);
  }

  it('clone', async (test) => {
    device('cloned', 1000);
    const random = new Random(seed * 100);
    const counts = new Counts();
    for (let round = 0; round < killsOfEach; round++) {
      const folder = path.join(place.folder, `clone-${round}`);
      await mkdir(folder);
      const store = path.join(folder, 'objects');
      const command = ['clone', 'cloned', 'made', '--objects', store];
      const end = await killed(place.pvx, folder, command, moment(random, 14));
      const isThere = existsSync(path.join(folder, 'made'));
      counts.add(`${end} → ${isThere ? 'whole' : 'nothing'}`);
      await requireWholeObjects(store);
      const kept = existsSync(store)
        ? (await readdir(store)).filter((one) => /^[0-9a-f]{64}$/.test(one))
        : [];
      place.hub.requests.length = 0;
      if (!isThere) await place.pvx.run(folder, ...command);
      const fetched = place.hub.requests.filter((request) => request.startsWith('GET /local-s3')).length;
      if (!isThere) assert.equal(fetched, objectsOfApp - kept.length, 'what was there was fetched again');
      assert.equal(await place.pvx.run(path.join(folder, 'made'), 'status', '--short'), '');
      const others = (await readdir(folder)).filter((name) => !/^(?:made|objects|pvx-objects)$/.test(name));
      assert.deepEqual(others, []);
      await rm(folder, { recursive: true });
    }
    test.diagnostic(counts.lines.join(', '));
  });

  it('post', async (test) => {
    const trail = device('posted', 2000);
    const model = await place.cloned('model', {}, 'posted');
    const random = new Random(seed * 100 + 1);
    const counts = new Counts();
    for (let round = 0; round < killsOfEach; round++) {
      const checkout = path.join(place.folder, `post-${round}`);
      await cp(model, checkout, { recursive: true });
      const steps = trail.steps.length;
      await place.pvx.run(checkout, 'get');
      await place.pvx.run(checkout, 'checkout', '--force');
      // All others than ever before.
      for (const [at, name] of fileNames.entries())
        await writeFile(path.join(checkout, name), noise(10_000 + round * 10 + at));
      await place.pvx.run(checkout, 'commit', '-m', String(round));
      const uploads = place.uploads.length;
      const end = await killed(place.pvx, checkout, ['post', '--no-wait'], moment(random, 20));
      const there = await uploadedOf(checkout);
      counts.add(
        `${end} → ${trail.steps.length > steps ? 'posted' : there > 0 ? 'some objects' : 'nothing'}`,
      );
      // Of a revision that is there, the hub has all objects.
      if (trail.steps.length > steps) assert.equal(there, objectsOfApp);
      const sent = place.uploads.length;
      const text = await place.pvx.run(checkout, 'post', '--no-wait');
      assert.match(text, /^Posted revision|has this state already/);
      assert.equal(trail.steps.length, steps + 1, 'it was posted twice, or not at all');
      assert.equal(place.uploads.length - sent, objectsOfApp - there, 'what was up was sent again');
      assert.ok(place.uploads.length - uploads <= 2 * objectsOfApp);
      assert.equal((await place.originOf(checkout)).revision, String(steps));
      await rm(checkout, { recursive: true });
    }
    test.diagnostic(counts.lines.join(', '));
  });

  /** How many of the objects of a commit the hub has. */
  async function uploadedOf(checkout: string): Promise<number> {
    const state = await readFile(path.join(checkout, '.pvr/json'), 'utf8');
    const objects = [...place.hub.world.objects.values()];
    const ids = fileNames.map((name) => new RegExp(`"${name}":"(\\w{64})"`).exec(state)?.[1]);
    const isThere = (id: string | undefined) =>
      objects.some(({ sha256, content }) => sha256 === id && content !== undefined);
    return ids.filter(isThere).length;
  }

  it('get', async (test) => {
    const trail = device('got', 3000);
    const model = await place.cloned('got-model', {}, 'got');
    const random = new Random(seed * 100 + 2);
    const counts = new Counts();
    const [first] = trail.steps;
    assert.ok(first !== undefined);
    for (let round = 0; round < killsOfEach; round++) {
      const checkout = path.join(place.folder, `get-${round}`);
      await cp(model, checkout, { recursive: true });
      const before = await readFile(path.join(checkout, '.pvr/json'), 'utf8');
      const { alice, hub } = place;
      const state = { ...first.state };
      for (const [at, name] of fileNames.entries())
        state[name] = addObject(hub.world, alice.prn, noise(50_000 + round * 10 + at), name).sha256;
      trail.steps.push({ ...first, rev: trail.steps.length, state });
      const end = await killed(place.pvx, checkout, ['get'], moment(random, 14));
      // Another command ends what was begun.
      await place.pvx.run(checkout, 'get');
      const after = await readFile(path.join(checkout, '.pvr/json'), 'utf8');
      assert.notEqual(after, before);
      for (const name of fileNames) assert.ok(after.includes(String(state[name])));
      await place.pvx.run(checkout, 'checkout', '--force');
      assert.equal(await place.pvx.run(checkout, 'status', '--short'), '');
      assert.equal((await place.originOf(checkout)).revision, String(trail.steps.length - 1));
      counts.add(`${end} → new`);
      await rm(checkout, { recursive: true });
    }
    test.diagnostic(counts.lines.join(', '));
  });

  it('twenty that post at once: one wins, and the others are told', async () => {
    const trail = device('raced', 4000);
    const checkouts = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const checkout = await place.cloned(`raced-${at}`, {}, 'raced');
        await writeFile(path.join(checkout, 'web/data-0'), noise(90_000 + at));
        await place.pvx.run(checkout, 'commit', '-m', String(at));
        return checkout;
      }),
    );
    const ends = await Promise.allSettled(
      checkouts.map((checkout) => place.pvx.run(checkout, 'post', '--no-wait')),
    );
    assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const end of ends)
      if (end.status === 'rejected')
        assert.match(
          (end.reason as { stderr: string }).stderr,
          /somebody was faster: revision 1 is the newest now|revision 1 is the newest, and this checkout came from 0/,
        );
    assert.equal(trail.steps.length, 2);
    const winner = ends.findIndex(({ status }) => status === 'fulfilled');
    assert.equal(trail.steps[1]?.message, String(winner));
  });
});
