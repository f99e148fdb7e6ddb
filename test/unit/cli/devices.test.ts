import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Pvx } from '../../device-view/pvx';
import { type DevicePlayer, playDevice } from '../../hub/device-player';
import { type Hub, startHub } from '../../hub/hub';
import {
  type Account,
  addAccount,
  addDevice,
  addObject,
  addTrail,
  type Device,
  type Trail,
} from '../../hub/world';
import { writeFiles } from '../checkout/temporary-folder';

const run = { '#spec': 'service-manifest-run@1', name: 'web', config: 'conf', type: 'lxc' };

describe('the commands for devices', () => {
  let folder: string;
  let home: string;
  let work: string;
  let hub: Hub;
  let alice: Account;
  let kitchen: Device;
  let trail: Trail;
  let pvx: Pvx;
  const playing: DevicePlayer[] = [];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'devices-'));
  });
  after(() => rm(folder, { recursive: true }));

  beforeEach(async () => {
    hub = await startHub();
    alice = addAccount(hub.world, 'alice');
    kitchen = addDevice(hub.world, alice.prn, { nick: 'kitchen' });
    trail = addTrail(hub.world, kitchen, stateOf({ 'web/conf': 'conf of web', 'db/conf': 'conf of db' }));
    home = await mkdtemp(path.join(folder, 'home-'));
    work = await mkdtemp(path.join(folder, 'work-'));
    const token = hub.tokens.forUser(alice, 'alice');
    pvx = new Pvx(home, { PVR_BASEURL: hub.url, PVR_ACCESSTOKEN: token });
  });
  afterEach(async () => {
    for (const player of playing.splice(0)) await player[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
  });

  /** A state with files that the hub has. */
  function stateOf(files: Readonly<Record<string, string>>): Record<string, unknown> {
    const objects = Object.entries(files).map(([file, text]) => [
      file,
      addObject(hub.world, alice.prn, Buffer.from(text), file).sha256,
    ]);
    return {
      '#spec': 'pantavisor-service-system@1',
      'web/run.json': run,
      ...(Object.fromEntries(objects) as Record<string, string>),
    };
  }

  async function cloned(name = 'kitchen'): Promise<string> {
    await pvx.run(work, 'clone', name);
    return path.join(work, name);
  }

  /** Adds what somebody else has posted. */
  function posted(state: Record<string, unknown>): void {
    const last = trail.steps.at(-1);
    assert.ok(last !== undefined);
    trail.steps.push({ ...last, rev: last.rev + 1, message: 'of somebody else', state });
  }

  const statuses = () => trail.steps.map(({ progress }) => progress.status);
  const uploads = () => hub.requests.filter((request) => request.startsWith('PUT /local-s3'));

  it('log in as pvr does, into its own file, and tell who that is', async () => {
    const plain = new Pvx(home, { PVR_BASEURL: hub.url });
    await assert.rejects(plain.run(work, 'ps'), { code: 1, stderr: /nobody is logged in.*pvx login/ });
    const { stdout, stderr } = await withInput('alice-pass\n', work, 'login', 'alice', '--password-stdin');
    assert.equal(stdout, `Logged in to ${new URL(hub.url).host} as alice.\n`);
    assert.equal(stderr, '');
    const file = path.join(home, '.pvr', 'auth.json');
    const text = await readFile(file, 'utf8');
    const { spec, tokens } = JSON.parse(text) as {
      spec: string;
      tokens: Record<string, Record<string, string>>;
    };
    const [[key, entry] = []] = Object.entries(tokens);
    assert.equal(spec, '1');
    assert.equal(key, `${hub.url}/auth realm=pantahub services`);
    assert.deepEqual(Object.keys(entry ?? {}), ['Name', 'access-token', 'refresh-token']);
    if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal(await plain.run(work, 'whoami'), `alice (${alice.prn}) at ${hub.url}\n`);
    hub.tokens.expireAll();
    await assert.rejects(plain.run(work, 'ps'), { code: 1, stderr: /Log in with pvx login/ });
    await assert.rejects(withInput('wrong', work, 'login', 'alice', '--password-stdin'), {
      code: 1,
      stderr: /the name or the password is wrong/,
    });
  });

  function withInput(input: string, cwd: string, ...words: readonly string[]) {
    return new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
      const env = {
        ...process.env,
        HOME: home,
        USERPROFILE: home,
        PVR_BASEURL: hub.url,
        PVR_ACCESSTOKEN: undefined,
      };
      const child = execFile(
        process.execPath,
        [path.resolve('dist/cli.js'), ...words],
        { cwd, env },
        (error, stdout, stderr) =>
          error === null
            ? resolve({ stdout, stderr })
            : reject(Object.assign(new Error(error.message), { code: error.code, stderr })),
      );
      child.stdin?.end(input);
    });
  }

  it('list devices, and never show a secret', async () => {
    playing.push(playDevice(hub, kitchen));
    const { devices } = JSON.parse(await pvx.run(work, 'ps', '--json')) as { devices: object[] };
    assert.equal(devices.length, 1);
    const text = await pvx.run(work, 'ps');
    assert.match(text, /^kitchen +0 +0 +DONE/m);
    const all = [text, await pvx.run(work, 'device', 'get', 'kitchen'), JSON.stringify(devices)].join('');
    assert.ok(!all.includes('secret'));
  });

  it('go on without a list of kept devices that nobody can read, and leave it as it is', async () => {
    const file = path.join(home, '.pvr/pvx-devices.json');
    for (const text of ['{', '["kitchen"]', '{"devices": "kitchen"}']) {
      writeFiles(home, { '.pvr/pvx-devices.json': text });
      const { stdout, stderr } = await pvx.runBoth(work, 'ps');
      assert.match(stdout, /^kitchen .* DONE/m);
      assert.match(stderr, /^warning: .*pvx-devices\.json is left out/);
    }
    const { stderr } = await pvx.runBoth(work, 'device', 'get', 'kitchen');
    assert.equal(stderr.split('is left out').length, 2);
    await assert.rejects(pvx.run(work, 'device', 'keep', 'desk', '10.0.0.1'), {
      stderr: /no list of devices/,
    });
    assert.equal(await readFile(file, 'utf8'), '{"devices": "kitchen"}');
  });

  it('claim, name, tell and make devices', async () => {
    const fresh = addDevice(hub.world, '', { nick: '__unregistered__x', challenge: 'a-b-c' });
    await assert.rejects(pvx.run(work, 'claim', fresh.id, 'x-y-z'), { stderr: /the challenge is wrong/ });
    assert.match(await pvx.run(work, 'claim', fresh.id, 'a-b-c', '--nick', 'porch'), /^porch \(/);
    await pvx.run(work, 'device', 'set', 'porch', 'a=1', 'b=2');
    assert.equal(await pvx.run(work, 'device', 'set', 'porch', 'b=', 'c=x=y'), 'a=1\nc=x=y\n');
    await assert.rejects(pvx.run(work, 'device', 'rename', 'porch', 'kitchen'), {
      stderr: /another device has this name/,
    });
    const made = await pvx.run(work, 'device', 'create', 'garden');
    assert.match(made, /^Made garden \([0-9a-f]{24}\), with an empty state\.$/m);
    assert.equal(hub.world.trails.size, 2);
    await assert.rejects(pvx.run(work, 'device', 'get', 'nobody'), {
      stderr: /alice has no device of this name.*pvx ps/,
    });
  });

  it('clone a device: state, files, objects, and where they came from', async () => {
    assert.match(await pvx.run(work, 'clone', 'kitchen'), /^Cloned revision 0 .*3 files, 2 objects/);
    const checkout = path.join(work, 'kitchen');
    assert.equal(await readFile(path.join(checkout, 'web/conf'), 'utf8'), 'conf of web');
    assert.equal(await pvx.run(checkout, 'status', '--short'), '');
    const origin = JSON.parse(await readFile(path.join(checkout, '.pvr/pvx-origin'), 'utf8')) as object;
    assert.deepEqual(origin, {
      remote: `${hub.url}/trails/${kitchen.id}`,
      name: 'alice/kitchen',
      revision: '0',
    });
    assert.deepEqual(await readdir(work), ['kitchen']);
    await assert.rejects(pvx.run(work, 'clone', 'kitchen'), { stderr: /is there, and holds something/ });
    const downloads = hub.requests.filter((request) => request.startsWith('GET /local-s3')).length;
    await pvx.run(work, 'clone', `${hub.url}/trails/${kitchen.id}/steps/0#web`, 'part');
    assert.deepEqual((await readdir(path.join(work, 'part'))).sort(), ['.pvr', 'web']);
    assert.equal(hub.requests.filter((request) => request.startsWith('GET /local-s3')).length, downloads);
  });

  it('clone nothing where an object is missing or is another one', async () => {
    const [object] = [...hub.world.objects.values()];
    assert.ok(object !== undefined);
    object.content = Buffer.from('something else');
    await assert.rejects(pvx.run(work, 'clone', 'kitchen'), { stderr: /it is damaged/ });
    object.content = undefined;
    await assert.rejects(pvx.run(work, 'clone', 'kitchen'), { stderr: /nobody has ever uploaded it whole/ });
    assert.deepEqual(await readdir(work), []);
  });

  it('post a commit with what is new of it, and follow it until it runs', async () => {
    const checkout = await cloned();
    playing.push(playDevice(hub, kitchen));
    writeFiles(checkout, { 'web/conf': 'another conf' });
    await pvx.run(checkout, 'commit', '-m', 'newer conf');
    const { stdout, stderr } = await pvx.runBoth(checkout, 'post');
    assert.match(stdout, /^alice\/kitchen runs revision 1, and goes back to it from now on\.$/m);
    assert.match(stderr, /Posted revision 1 to alice\/kitchen .*sent 1 object of 12 B/);
    assert.equal(uploads().length, 1);
    const [, step] = trail.steps;
    assert.equal(step?.message, 'newer conf');
    const state = await readFile(path.join(checkout, '.pvr/json'));
    const { revision } = JSON.parse(await readFile(path.join(checkout, '.pvr/pvx-origin'), 'utf8')) as {
      revision: string;
    };
    assert.equal(revision, '1');
    assert.match(
      await pvx.run(work, 'revisions', 'kitchen'),
      new RegExp(createHash('sha256').update(state).digest('hex').slice(0, 8)),
    );
    assert.match(await pvx.run(checkout, 'post'), /has this state already/);
    assert.deepEqual(statuses(), ['DONE', 'DONE']);
  });

  it('say what a post would do, and send nothing', async () => {
    const checkout = await cloned();
    writeFiles(checkout, { 'web/conf': 'another conf' });
    await pvx.run(checkout, 'commit', '-m', 'newer conf');
    hub.requests.length = 0;
    const text = await pvx.run(checkout, 'post', '--dry-run');
    assert.match(text, /would be revision +1/);
    assert.match(text, /to send +1 object, 12 B/);
    assert.match(text, /to download +12 B/);
    assert.match(text, /on its disk +33 B with what runs and what was DONE last, 22 B of it this revision’s/);
    assert.match(text, /against revision 0:\n C web +1 file +12 B +reboots$/m);
    assert.match(
      text,
      /^The device reboots: web\/conf changes, and the restart policy of group root is system/m,
    );
    assert.deepEqual(
      hub.requests.filter((request) => !request.startsWith('GET')),
      [],
    );
  });

  it('tell why a revision failed, with the logs of it', async () => {
    const checkout = await cloned();
    playing.push(
      playDevice(hub, kitchen, {
        outcomeOf: () => ({ status: 'ERROR', message: 'A container could not be started' }),
      }),
    );
    writeFiles(checkout, { 'web/conf': 'broken' });
    await pvx.run(checkout, 'commit');
    await assert.rejects(pvx.run(checkout, 'post'), {
      code: 1,
      stdout: /Revision 1 failed on alice\/kitchen \(A container could not be started\)/,
      stderr: /could not start platform 'web'/,
    });
  });

  it('undo nothing that somebody else posted, unless that is meant', async () => {
    const checkout = await cloned();
    writeFiles(checkout, { 'web/conf': 'mine' });
    await pvx.run(checkout, 'commit');
    posted(stateOf({ 'web/conf': 'conf of web', 'db/conf': 'theirs' }));
    await assert.rejects(pvx.run(checkout, 'post', '--no-wait'), {
      code: 1,
      stderr: /revision 1 is the newest, and this checkout came from 0: .*\(db\)\. Take it with pvx get/,
    });
    assert.equal(trail.steps.length, 2);
    assert.deepEqual(uploads(), []);
    await pvx.run(checkout, 'post', '--no-wait', '--force');
    assert.equal(trail.steps.length, 3);
  });

  it('look up what a lost answer said', async () => {
    const checkout = await cloned();
    writeFiles(checkout, { 'web/conf': 'mine' });
    await pvx.run(checkout, 'commit');
    hub.faults.push({
      matches: (method, place) => method === 'POST' && place.endsWith('/steps'),
      what: 'lost',
      times: 1,
    });
    assert.match(await pvx.run(checkout, 'post', '--no-wait'), /^Posted revision 1 /);
    assert.equal(trail.steps.length, 2);
  });

  it('let one of several win that post at once', async () => {
    const checkouts = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        await pvx.run(work, 'clone', 'kitchen', name);
        const checkout = path.join(work, name);
        writeFiles(checkout, { 'web/conf': name });
        await pvx.run(checkout, 'commit');
        return checkout;
      }),
    );
    const ends = await Promise.allSettled(
      checkouts.map((checkout) => pvx.run(checkout, 'post', '--no-wait')),
    );
    assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const end of ends)
      if (end.status === 'rejected')
        assert.match((end.reason as { stderr: string }).stderr, /somebody was faster|is the newest/);
    assert.equal(trail.steps.length, 2);
  });

  it('send objects again that broke on their way, and stop at the quota', async () => {
    const checkout = await cloned();
    await writeFile(path.join(checkout, 'web/large'), Buffer.alloc(300_000, 7));
    await pvx.run(checkout, 'add');
    await pvx.run(checkout, 'commit');
    hub.faults.push({
      matches: (method, place) => method === 'PUT' && place.startsWith('/local-s3'),
      what: 'cut',
      times: 1,
    });
    hub.world.quota = 1000;
    await assert.rejects(pvx.run(checkout, 'post', '--no-wait'), {
      stderr: /the account has no room for web\/large/,
    });
    hub.world.quota = 1_000_000;
    await pvx.run(checkout, 'post', '--no-wait');
    assert.equal(trail.steps.length, 2);
  });

  it('cancel what waits, once', async () => {
    const checkout = await cloned();
    writeFiles(checkout, { 'web/conf': 'mine' });
    await pvx.run(checkout, 'commit');
    hub.requests.length = 0;
    await pvx.run(checkout, 'post', '--no-wait');
    assert.ok(hub.requests.length < 12, hub.requests.join('\n'));
    assert.equal(await pvx.run(checkout, 'cancel'), 'Revision 1 of alice/kitchen is CANCEL.\n');
    await assert.rejects(pvx.run(checkout, 'cancel', 'kitchen', '--revision', '1'), {
      stderr: /it is CANCEL/,
    });
  });

  it('join what others posted with what changed here, part by part', async () => {
    const checkout = await cloned();
    writeFiles(checkout, { 'web/conf': 'mine' });
    await pvx.run(checkout, 'commit');
    posted(stateOf({ 'web/conf': 'conf of web', 'db/conf': 'theirs' }));
    assert.match(
      await pvx.run(checkout, 'get'),
      /^db\/conf\n.*\nThe checkout goes on from revision 1 now\.$/m,
    );
    await pvx.run(checkout, 'checkout');
    assert.equal(await readFile(path.join(checkout, 'db/conf'), 'utf8'), 'theirs');
    assert.equal(await readFile(path.join(checkout, 'web/conf'), 'utf8'), 'mine');
    assert.match(await pvx.run(checkout, 'post', '--no-wait'), /^Posted revision 2 /);
    posted(stateOf({ 'web/conf': 'theirs, too', 'db/conf': 'theirs' }));
    writeFiles(checkout, { 'web/conf': 'mine again' });
    await pvx.run(checkout, 'commit');
    await assert.rejects(pvx.run(checkout, 'get', 'kitchen'), {
      code: 1,
      stderr:
        /both sides changed it since revision 2: web \(web\/conf\)\. Choose one of the two with --ours or --theirs/,
    });
    assert.match(await pvx.run(checkout, 'get', '--theirs'), /Both sides had changed web/);
    await pvx.run(checkout, 'checkout', '--force');
    assert.equal(await readFile(path.join(checkout, 'web/conf'), 'utf8'), 'theirs, too');
  });

  it('take a part of a device that the checkout did not come from, and mix documents', async () => {
    const porch = addDevice(hub.world, alice.prn, { nick: 'porch' });
    addTrail(hub.world, porch, { ...stateOf({ 'cam/conf': 'conf of cam' }), 'web/run.json': { more: 1 } });
    const checkout = await cloned();
    assert.match(await pvx.run(checkout, 'get', 'alice/porch#cam'), /^cam\/conf$/m);
    assert.match(await pvx.run(checkout, 'merge', `${hub.url}/trails/${porch.id}`), /^web\/run\.json$/m);
    const state = JSON.parse(await readFile(path.join(checkout, '.pvr/json'), 'utf8')) as Record<
      string,
      object
    >;
    assert.deepEqual(state['web/run.json'], { ...run, more: 1 });
    assert.ok('db/conf' in state && 'cam/conf' in state);
  });

  it('go back to an earlier revision, and copy a part to another device', async () => {
    posted(stateOf({ 'web/conf': 'broken', 'db/conf': 'conf of db' }));
    playing.push(playDevice(hub, kitchen));
    assert.match(await pvx.run(work, 'back', '0', 'kitchen'), /runs revision 2/);
    assert.deepEqual(trail.steps[2]?.state, trail.steps[0]?.state);
    await assert.rejects(pvx.run(work, 'back', '2', 'kitchen'), { stderr: /it is the newest one/ });
    const porch = addDevice(hub.world, alice.prn, { nick: 'porch' });
    const other = addTrail(hub.world, porch, { ...stateOf({ 'cam/conf': 'conf of cam' }) });
    await pvx.run(work, 'fastcopy', 'alice/kitchen/1#web', 'porch', '--no-wait');
    const state = other.steps[1]?.state ?? {};
    assert.deepEqual(Object.keys(state).sort(), ['#spec', 'cam/conf', 'web/conf', 'web/run.json']);
    assert.equal(state['web/conf'], trail.steps[1]?.state['web/conf']);
  });

  it('post the apps that changed to several devices, one first, and go on where one failed', async () => {
    const others = ['porch', 'garden'].map((nick) => {
      const device = addDevice(hub.world, alice.prn, { nick });
      return {
        device,
        trail: addTrail(hub.world, device, { ...stateOf({ 'web/conf': 'x', 'cam/conf': nick }) }),
      };
    });
    const checkout = await cloned();
    writeFiles(checkout, { 'web/conf': 'newer' });
    await pvx.run(checkout, 'commit', '-m', 'newer');
    let isBroken = true;
    const fails = { status: 'ERROR', message: 'Status goal not reached' } as const;
    const [porch, garden] = others;
    assert.ok(porch !== undefined && garden !== undefined);
    playing.push(playDevice(hub, kitchen), playDevice(hub, garden.device));
    playing.push(playDevice(hub, porch.device, { outcomeOf: () => (isBroken ? fails : { status: 'DONE' }) }));
    const words = ['post', '--to', 'porch,garden', '--canary', 'kitchen'];
    assert.match(
      await pvx.run(checkout, ...words, '--dry-run'),
      /^web\n.*alice\/kitchen +0 +would be sent it/s,
    );
    assert.equal(trail.steps.length, 1);
    await assert.rejects(pvx.run(checkout, ...words), {
      code: 1,
      stdout: /kitchen +1 +1 +DONE +runs it .*\n.*porch +0 +1 +ERROR +failed.*\n.*garden +0 +not begun/,
    });
    isBroken = false;
    assert.match(
      await pvx.run(checkout, ...words),
      /kitchen +1 +1 +DONE +has it already .*\n.*porch +2 +2 +DONE +runs it .*\n.*garden +1 +1 +DONE +runs it/,
    );
    assert.deepEqual(Object.keys(garden.trail.steps[1]?.state ?? {}).sort(), [
      '#spec',
      'cam/conf',
      'web/conf',
      'web/run.json',
    ]);
  });
});
