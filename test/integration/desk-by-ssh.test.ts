import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { silentJob } from '../../src/core/job';
import { Desk } from '../../src/core/remote/desk/desk';
import type { AskSsh, SshQuestion } from '../../src/core/remote/desk/ssh-questions';
import type { Remote } from '../../src/core/remote/remote';
import { Device, sha256 } from '../desk/device';
import { Pvx } from '../device-view/pvx';
import { writeFiles } from '../unit/checkout/temporary-folder';

const run = promisify(execFile);
const socket = '/run/pantavisor/pv/pv-ctrl';
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
  let folder: string;
  let device: Device;
  let port: number;
  let daemon: ReturnType<typeof spawn>;
  let home: string;
  const { username } = userInfo();

  before(async () => {
    // Its folders must be closed to others, up to the root.
    folder = await mkdtemp('/root/pvx-ssh-test-');
    await mkdir('/run/sshd', { recursive: true });
    await mkdir(path.dirname(socket), { recursive: true });
    for (const name of ['host', 'user', 'locked'])
      await run('ssh-keygen', [
        '-q',
        '-t',
        'ed25519',
        '-N',
        name === 'locked' ? 'open it' : '',
        '-f',
        path.join(folder, name),
      ]);
    const keys = await Promise.all(
      ['user.pub', 'locked.pub'].map((name) => readFile(path.join(folder, name), 'utf8')),
    );
    await writeFile(path.join(folder, 'authorized'), keys.join(''));
    await writeFile(
      path.join(folder, 'sshd_config'),
      [
        `HostKey ${folder}/host`,
        `AuthorizedKeysFile ${folder}/authorized`,
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'PermitRootLogin yes',
        'UsePAM no',
        'PidFile none',
      ].join('\n'),
    );
    port = await freePort();
    const sshd = [
      '-D',
      '-e',
      '-f',
      path.join(folder, 'sshd_config'),
      '-p',
      String(port),
      '-o',
      'ListenAddress=127.0.0.1',
    ];
    daemon = spawn('/usr/sbin/sshd', sshd, { stdio: 'ignore' });
    await listening(port);
  });

  after(async () => {
    daemon.kill();
    await unlink(socket).catch(() => undefined);
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    const own = await mkdtemp(path.join(folder, 'device-'));
    device = await Device.start({ folder: own, state, objects: [Buffer.from('conf of web')], pace: 30 });
    await unlink(socket).catch(() => undefined);
    await symlink(device.socket, socket);
    home = await mkdtemp(path.join(folder, 'home-'));
    await useKey('user', 'known');
  });
  afterEach(() => device[Symbol.asyncDispose]());

  /** The user's own ssh is the first in PATH, with a configuration of the test's. */
  async function useKey(key: string, hosts: 'known' | 'unknown' | 'changed'): Promise<void> {
    const line = `[127.0.0.1]:${port} ${(await readFile(path.join(folder, 'host.pub'), 'utf8')).trim()}\n`;
    const other = `[127.0.0.1]:${port} ${(await readFile(path.join(folder, 'user.pub'), 'utf8')).trim()}\n`;
    await writeFile(
      path.join(home, 'known_hosts'),
      hosts === 'known' ? line : hosts === 'changed' ? other : '',
    );
    const config = [
      `IdentityFile ${folder}/${key}`,
      ...['IdentitiesOnly yes', 'IdentityAgent none', 'GlobalKnownHostsFile none'],
      `UserKnownHostsFile ${home}/known_hosts`,
    ];
    await writeFile(path.join(home, 'config'), config.join('\n'));
    await mkdir(path.join(home, 'bin'), { recursive: true });
    await writeFile(
      path.join(home, 'bin', 'ssh'),
      `#!/bin/sh\necho "$*" >> ${home}/calls\nexec /usr/bin/ssh -F ${home}/config "$@"\n`,
    );
    await chmod(path.join(home, 'bin', 'ssh'), 0o755);
  }

  const searchPath = () => `${home}/bin:${process.env['PATH'] ?? ''}`;
  const address = () => `ssh://${username}@127.0.0.1:${port}`;
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
    await unlink(socket);
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function listening(port: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const isThere = await new Promise<boolean>((resolve) => {
      const trial = connect(port, '127.0.0.1', () => {
        trial.destroy();
        resolve(true);
      }).on('error', () => resolve(false));
    });
    if (isThere) return;
    assert.ok(attempt < 100, 'sshd does not listen');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
