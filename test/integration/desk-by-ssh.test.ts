import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { silentJob } from '../../src/core/job';
import { Desk } from '../../src/core/remote/desk/desk';
import type { AskSsh, SshQuestion } from '../../src/core/remote/desk/ssh-questions';
import type { Remote } from '../../src/core/remote/remote';
import { Device, sha256 } from '../desk/device';
import { freePort, type Hosts, type Key, SshServer } from '../desk/ssh-server';
import { Pvx } from '../device-view/pvx';
import { writeFiles } from '../unit/checkout/temporary-folder';

const state = {
  '#spec': 'pantavisor-service-system@1',
  'web/run.json': {
    '#spec': 'service-manifest-run@1',
    name: 'web',
    config: 'conf',
    type: 'lxc',
    group: 'app',
  },
  'web/conf': sha256('conf of web'),
};

/** A real sshd, with keys and known hosts of its own, leads to the tests' own device; `nc` is the real one, too. */
describe('a device by ssh', () => {
  let server: SshServer;
  let folder: string;
  let device: Device;
  let home: string;

  before(async () => {
    server = await SshServer.start();
    ({ folder } = server);
  });

  after(() => server[Symbol.asyncDispose]());

  beforeEach(async () => {
    const own = await mkdtemp(path.join(folder, 'device-'));
    device = await Device.start({ folder: own, state, objects: [Buffer.from('conf of web')], pace: 30 });
    await server.leadTo(device);
    home = await mkdtemp(path.join(folder, 'home-'));
    await useKey('user', 'known');
  });
  afterEach(() => device[Symbol.asyncDispose]());

  const useKey = (key: Key, hosts: Hosts) => server.makeClient(home, key, hosts);
  const searchPath = () => `${home}/bin:${process.env['PATH'] ?? ''}`;
  const address = () => server.address;
  const pvx = () => new Pvx(home, { PATH: searchPath(), PVR_BASEURL: 'http://127.0.0.1:1' });

  async function withDevice<Result>(
    ask: AskSsh,
    work: (remote: Remote) => Promise<Result>,
    platform: NodeJS.Platform = process.platform,
  ): Promise<Result> {
    const environment = { env: { ...process.env, PATH: searchPath() }, homeDirectory: home, platform };
    await using desk = new Desk({ environment, ask });
    const remote = await desk.open({ kind: 'ssh', url: new URL(address()), parts: undefined }, silentJob());
    return await work(remote);
  }

  it('is cloned, posted to and followed, over one connection, and gives the logs of what failed', async () => {
    const work = await mkdtemp(path.join(folder, 'work-'));
    await pvx().run(work, 'clone', address(), 'desk');
    const checkout = path.join(work, 'desk');
    writeFiles(checkout, { 'web/conf': 'second' });
    await pvx().run(checkout, 'commit', '-m', 'second');
    await writeFile(path.join(home, 'calls'), '');
    const { stdout } = await pvx().runBoth(checkout, 'post');
    assert.match(stdout, /runs revision locals\/pvx-/);
    assert.equal(device.stateOf('current')?.['web/conf'], sha256('second'));
    const calls = (await readFile(path.join(home, 'calls'), 'utf8')).trim().split('\n');
    assert.equal(calls.filter((call) => call.includes(' -M ')).length, 1);
    assert.ok(calls.filter((call) => call.includes('ControlMaster=no')).length > 5);
    assert.match(await pvx().run(work, 'device', 'containers', address()), /^web +app +STARTED/m);
  });

  it('is reached by a connection for each request where one can not be shared', async () => {
    await withDevice(
      'nobody',
      async (remote) => assert.equal((await remote.facts(silentJob())).running, '0'),
      'win32',
    );
    const calls = await readFile(path.join(home, 'calls'), 'utf8');
    assert.doesNotMatch(calls, / -M /);
  });

  it('is not taken for known: its key is asked for, or refused', async () => {
    await useKey('user', 'unknown');
    await assert.rejects(
      withDevice('nobody', (remote) => remote.facts(silentJob())),
      /its key is not known, and nobody said that it is the right one/,
    );
    const asked: SshQuestion[] = [];
    const answering = (answer: string) => (question: SshQuestion) => {
      asked.push(question);
      return Promise.resolve(answer);
    };
    await assert.rejects(
      withDevice(answering('no'), (remote) => remote.facts(silentJob())),
      /its key is not known/,
    );
    await withDevice(answering('yes'), (remote) => remote.facts(silentJob()));
    assert.match(asked[0]?.text ?? '', /authenticity of host.*127\.0\.0\.1/s);
    assert.equal(asked[0]?.isSecret, false);
    await useKey('user', 'changed');
    await assert.rejects(
      withDevice(answering('yes'), (remote) => remote.facts(silentJob())),
      /it shows another key than the one that is known of it/,
    );
  });

  it('asks for a passphrase once, of whoever is there for it', async () => {
    await useKey('locked', 'known');
    await assert.rejects(
      withDevice('nobody', (remote) => remote.facts(silentJob())),
      /it does not let you in/,
    );
    let asked = 0;
    await withDevice(
      (question) => {
        asked += 1;
        assert.match(question.text, /passphrase/i);
        assert.equal(question.isSecret, true);
        return Promise.resolve('open it');
      },
      async (remote) => {
        await remote.facts(silentJob());
        await remote.revisions(silentJob());
      },
    );
    assert.equal(asked, 1);
    const calls = await readFile(path.join(home, 'calls'), 'utf8');
    assert.doesNotMatch(calls, /open it/);
  });

  it('says that there is no Pantavisor, or no device', async () => {
    await server.leadNowhere();
    await assert.rejects(
      withDevice('nobody', (remote) => remote.facts(silentJob())),
      /there is no control socket of Pantavisor/,
    );
    const nobody = await freePort();
    await assert.rejects(pvx().run(folder, 'revisions', `ssh://127.0.0.1:${nobody}`), {
      stderr: /Connection refused.*has ssh on port/,
    });
  });
});
