import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Device, sha256 } from '../../desk/device';
import { type SdkServer, startSdk } from '../../desk/sdk-server';
import { Pvx } from '../../device-view/pvx';
import { playDevice } from '../../hub/device-player';
import { startHub } from '../../hub/hub';
import { addAccount, addDevice, addTrail } from '../../hub/world';
import { writeFiles } from '../checkout/temporary-folder';

const run = { '#spec': 'service-manifest-run@1', name: 'web', config: 'conf', type: 'lxc', group: 'app' };
const contents = { 'web/conf': 'conf of web', 'db/conf': 'conf of db' };

describe('the commands for a device on the desk', { skip: process.platform === 'win32' }, () => {
  let folder: string;
  let work: string;
  let device: Device;
  let sdk: SdkServer;
  let pvx: Pvx;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'desk-'));
  });
  after(() => rm(folder, { recursive: true }));

  beforeEach(async () => {
    const home = await mkdtemp(path.join(folder, 'home-'));
    work = await mkdtemp(path.join(folder, 'work-'));
    const ids = Object.entries(contents).map(([file, text]) => [file, sha256(text)] as const);
    device = await Device.start({
      folder: await mkdtemp(path.join(folder, 'device-')),
      state: { '#spec': 'pantavisor-service-system@1', 'web/run.json': run, ...Object.fromEntries(ids) },
      objects: Object.values(contents).map((text) => Buffer.from(text)),
      pace: 40,
    });
    sdk = await startSdk(device);
    pvx = new Pvx(home, { PVR_BASEURL: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1' });
  });
  afterEach(async () => {
    await sdk[Symbol.asyncDispose]();
    await device[Symbol.asyncDispose]();
  });

  async function cloned(reference = device.socket, name = 'device'): Promise<string> {
    await pvx.run(work, 'clone', reference, name);
    return path.join(work, name);
  }

  async function committed(checkout: string, text: string): Promise<void> {
    writeFiles(checkout, { 'web/conf': text });
    await pvx.run(checkout, 'commit', '-m', text);
  }

  const running = () => device.stateOf('current')?.['web/conf'];

  it('clone by its socket, post and follow it until it runs, and go back', async () => {
    assert.match(await pvx.run(work, 'clone', device.socket, 'device'), /^Cloned revision 0 .*It is DONE/);
    const checkout = path.join(work, 'device');
    assert.equal(await readFile(path.join(checkout, 'web/conf'), 'utf8'), contents['web/conf']);
    await committed(checkout, 'second');
    const dry = await pvx.run(checkout, 'post', '--dry-run');
    assert.match(dry, /would be revision +locals\/pvx-.*to send +1 object, 6 B.*its disk/s);
    assert.equal(device.requests.filter((request) => !request.startsWith('GET')).length, 0);
    const { stdout, stderr } = await pvx.runBoth(checkout, 'post');
    assert.match(stdout, /runs revision locals\/pvx-\S+; after a power cut it goes back/);
    assert.match(stderr, /revision locals\/pvx-\S+ +INPROGRESS.*UPDATED/s);
    assert.equal(running(), sha256('second'));
    assert.match(await pvx.run(checkout, 'post'), /has this state already/);
    const second = device.running;
    await committed(checkout, 'third');
    await pvx.run(checkout, 'post', '--socket', device.socket);
    assert.equal(running(), sha256('third'));
    const list = await pvx.run(work, 'revisions', '--socket', device.socket);
    assert.match(list, /^\* +locals\/pvx-\S+ +UPDATED .* third/m);
    assert.match(await pvx.run(work, 'back', second, device.socket), /runs revision/);
    assert.equal(running(), sha256('second'));
    await assert.rejects(pvx.run(work, 'back', second, device.socket), { stderr: /it runs already/ });
    device.collectGarbage();
    assert.match(await pvx.run(checkout, 'back', '0'), /runs revision 0/);
  });

  it('tell why a revision failed, with its own logs', async () => {
    const checkout = await cloned();
    await committed(checkout, 'broken');
    device.fails = () => 'A container could not be started';
    await assert.rejects(pvx.run(checkout, 'post'), {
      code: 1,
      stdout: /failed on .*\(A container could not be started\), which went back to the one before\.$/m,
      stderr: /web: web: can not start.*Tearing down/s,
    });
    assert.equal(device.running, '0');
    const [, failed = ''] = /(locals\/\S+) +ERROR/.exec(await pvx.run(checkout, 'revisions')) ?? [];
    assert.match(await pvx.run(checkout, 'logs', '--revision', failed, '--platform', 'web'), /can not start/);
  });

  it('lose the connection while it starts anew, and go on', async () => {
    const checkout = await cloned();
    writeFiles(checkout, { 'db/conf': 'newer' });
    await pvx.run(checkout, 'commit');
    const { stdout, stderr } = await pvx.runBoth(checkout, 'post');
    assert.match(stdout, /and goes back to it from now on/);
    assert.match(stderr, /revision locals\/pvx-\S+ +DONE/);
  });

  it('undo nothing that somebody else has had it run', async () => {
    const checkout = await cloned();
    await committed(checkout, 'mine');
    device.addStep('locals/theirs', { ...device.stateOf('0'), 'db/conf': sha256('conf of web') });
    device.running = 'locals/theirs';
    await assert.rejects(pvx.run(checkout, 'post'), {
      stderr: /locals\/theirs is the newest, .* from 0: .*\(db\)/,
    });
    assert.match(
      await pvx.run(checkout, 'get', device.socket),
      /^db\/conf\n.*goes on from revision locals\/theirs/s,
    );
    await pvx.run(checkout, 'checkout');
    await pvx.run(checkout, 'post');
    assert.equal(device.stateOf('current')?.['db/conf'], sha256('conf of web'));
    assert.equal(running(), sha256('mine'));
    await assert.rejects(pvx.run(checkout, 'cancel'), { stderr: /there is nothing to take back/ });
  });

  it('look into its containers and metadata, by a name that is kept here', async () => {
    const kept = await pvx.run(work, 'device', 'keep', 'kitchen', device.socket);
    assert.equal(kept, `kitchen is ${device.socket} from now on.\n`);
    assert.match(
      await pvx.run(work, 'device', 'containers', 'kitchen'),
      /^web +app +STARTED +STARTED +container/m,
    );
    assert.match(await pvx.run(work, 'device', 'stop', 'web', 'kitchen'), /web, which is STOPPING now/);
    await assert.rejects(pvx.run(work, 'device', 'start', 'db', 'kitchen'), {
      stderr: /Container not found/,
    });
    assert.equal(await pvx.run(work, 'device', 'set', 'kitchen', 'a=1', 'b=2'), 'a=1\nb=2\n');
    assert.equal(await pvx.run(work, 'device', 'set', 'kitchen', 'a='), 'b=2\n');
    const { running: name, userMeta } = JSON.parse(await pvx.run(work, 'device', 'get', 'kitchen')) as {
      readonly running: string;
      readonly userMeta: object;
    };
    assert.deepEqual([name, userMeta], ['0', { b: '2' }]);
    assert.match((await pvx.runBoth(work, 'ps')).stdout, /^kitchen +\/.*pv-ctrl$/m);
    await pvx.run(work, 'device', 'forget', 'kitchen');
    await assert.rejects(pvx.run(work, 'device', 'forget', 'kitchen'), {
      stderr: /none of this name is kept/,
    });
    await assert.rejects(pvx.run(work, 'device', 'keep', 'kitchen', 'alice/kitchen'), {
      stderr: /needs no other one/,
    });
  });

  it('put a commit to a device that does not run it by that, and at a hub in the place of what waits', async () => {
    const checkout = await cloned();
    await committed(checkout, 'second');
    assert.match(
      await pvx.run(checkout, 'put', '--device'),
      /has it as revision locals\/pvx-.*does not run it/,
    );
    assert.equal(device.running, '0');
    assert.equal(device.steps.size, 2);
    await assert.rejects(pvx.run(checkout, 'put'), { code: 2 });
    await using hub = await startHub();
    const alice = addAccount(hub.world, 'alice');
    const porch = addDevice(hub.world, alice.prn, { nick: 'porch' });
    const trail = addTrail(hub.world, porch, device.stateOf('0') ?? {});
    const [factory] = trail.steps;
    assert.ok(factory !== undefined);
    const waiting = { ...factory.progress, status: 'NEW' };
    trail.steps.push({ ...factory, rev: 1, progress: waiting });
    const token = hub.tokens.forUser(alice, 'alice');
    const atHub = new Pvx(path.join(folder, 'other'), { PVR_BASEURL: hub.url, PVR_ACCESSTOKEN: token });
    assert.match(await atHub.run(checkout, 'put', '--device', 'porch'), /^alice\/porch has it as revision 1/);
    assert.equal(trail.steps[1]?.state['web/conf'], sha256('second'));
    assert.equal(trail.steps.length, 2);
    trail.steps[1].progress = { ...waiting, status: 'DONE' };
    await assert.rejects(atHub.run(checkout, 'put', '--device', 'porch'), {
      stderr: /the device has begun with it: it is DONE.*pvx post/,
    });
  });

  it('take what one device runs to another, at a hub or on the desk', async () => {
    await using hub = await startHub();
    const alice = addAccount(hub.world, 'alice');
    const porch = addDevice(hub.world, alice.prn, { nick: 'porch' });
    addTrail(hub.world, porch, { '#spec': 'pantavisor-service-system@1' });
    const token = hub.tokens.forUser(alice, 'alice');
    const atHub = new Pvx(path.join(folder, 'third'), { PVR_BASEURL: hub.url, PVR_ACCESSTOKEN: token });
    await using _player = playDevice(hub, porch);
    assert.match(await atHub.run(work, 'fastcopy', device.socket, 'porch'), /alice\/porch runs revision 1/);
    // Its own one comes first, else one that is kept here.
    await atHub.run(work, 'device', 'keep', 'desk', device.socket);
    assert.match(await atHub.run(work, 'revisions', 'desk'), /^\* +0 +DONE/m);
    await atHub.run(work, 'device', 'keep', 'porch', device.socket);
    assert.match(await atHub.run(work, 'revisions', 'porch'), /^\* +1 +DONE/m);
  });

  it('clone and post by the HTTP of pvr-sdk, and say what needs ssh', async () => {
    const address = `127.0.0.1:${sdk.port}`;
    sdk.cut.add(sha256(contents['db/conf']));
    const checkout = await cloned(address);
    assert.equal(await readFile(path.join(checkout, 'db/conf'), 'utf8'), contents['db/conf']);
    await committed(checkout, 'second');
    const { stdout, stderr } = await pvx.runBoth(checkout, 'post');
    assert.match(stdout, /runs revision locals\/pvrsdk-1; after a power cut/);
    assert.match(stderr, /sent 1 object of 6 B/);
    assert.equal(running(), sha256('second'));
    assert.match(await pvx.run(checkout, 'post'), /has this state already: revision locals\/pvrsdk-1/);
    await committed(checkout, 'third');
    await pvx.run(checkout, 'post');
    assert.equal(running(), sha256('third'));
    assert.match(await pvx.run(checkout, 'logs', address, '--platform', 'web'), /of web/);
    for (const words of [
      ['device', 'containers', address],
      ['device', 'set', address, 'a=1'],
      ['watch', address, '--revision', 'locals/else'],
    ])
      await assert.rejects(pvx.run(checkout, ...words), { code: 1, stderr: /ssh/ });
    device.running = '0';
    await committed(checkout, 'fourth');
    await assert.rejects(pvx.run(checkout, 'post'), { stderr: /state-[0-9a-f]{12}|is the newest/ });
  });

  it('say that nobody is there', async () => {
    await assert.rejects(pvx.run(work, 'clone', path.join(folder, 'no.sock')), {
      stderr: /there is no such socket/,
    });
    await assert.rejects(pvx.run(work, 'clone', '127.0.0.1:1'), { stderr: /refused the connection/ });
    await assert.rejects(pvx.run(work, 'clone', 'ssh://-oProxyCommand=x'), { code: 1 });
    const checkout = await cloned();
    await device[Symbol.asyncDispose]();
    await assert.rejects(pvx.run(checkout, 'post'), { stderr: /nobody listens there|no such socket/ });
  });
});
