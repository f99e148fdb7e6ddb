import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where a device has its control socket. */
const socket = '/run/pantavisor/pv/pv-ctrl';

/** `locked` wants the passphrase `open it`. */
export type Key = 'user' | 'locked';
/** What the client knows of the server's key. */
export type Hosts = 'known' | 'unknown' | 'changed';

/** The real sshd on this machine, with keys of its own, which leads to a device of the tests. Wants root. */
export class SshServer implements AsyncDisposable {
  /** `ssh://root@127.0.0.1:40123` */
  readonly address: string;

  private constructor(
    /** Goes with the server. */
    readonly folder: string,
    readonly port: number,
    readonly stop: () => void,
  ) {
    this.address = `ssh://${userInfo().username}@127.0.0.1:${port}`;
  }

  static async start(): Promise<SshServer> {
    // Its folders must be closed to others, up to the root.
    const folder = await mkdtemp('/root/pvx-ssh-test-');
    await mkdir('/run/sshd', { recursive: true });
    await mkdir(path.dirname(socket), { recursive: true });
    for (const name of ['host', 'user', 'locked']) {
      const passphrase = name === 'locked' ? 'open it' : '';
      await run('ssh-keygen', [
        ...['-q', '-t', 'ed25519', '-N', passphrase],
        ...['-f', path.join(folder, name)],
      ]);
    }
    const keys = await Promise.all(
      ['user.pub', 'locked.pub'].map((name) => readFile(path.join(folder, name), 'utf8')),
    );
    await writeFile(path.join(folder, 'authorized'), keys.join(''));
    const settings = [
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/authorized`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'UsePAM no',
      'PidFile none',
    ];
    await writeFile(path.join(folder, 'sshd_config'), settings.join('\n'));
    const port = await freePort();
    const words = ['-D', '-e', '-f', path.join(folder, 'sshd_config'), '-p', String(port)];
    const daemon = spawn('/usr/sbin/sshd', [...words, '-o', 'ListenAddress=127.0.0.1'], { stdio: 'ignore' });
    await listening(port);
    return new SshServer(folder, port, () => daemon.kill());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.leadNowhere();
    await rm(this.folder, { recursive: true });
  }

  /** Whoever logs in finds this device from now on. */
  async leadTo(device: { readonly socket: string }): Promise<void> {
    await this.leadNowhere();
    await symlink(device.socket, socket);
  }

  /** There is no Pantavisor any more. */
  async leadNowhere(): Promise<void> {
    await unlink(socket).catch(() => undefined);
  }

  /**
   * Makes an `ssh` with a configuration of the test's own, which writes down in `calls` what it was called with.
   *
   * @param home where all of it is put.
   * @returns the folder that has to be the first in PATH.
   */
  async makeClient(home: string, key: Key, hosts: Hosts): Promise<string> {
    const lineOf = async (name: string) =>
      `[127.0.0.1]:${this.port} ${(await readFile(path.join(this.folder, name), 'utf8')).trim()}\n`;
    const known = { known: await lineOf('host.pub'), unknown: '', changed: await lineOf('user.pub') };
    await writeFile(path.join(home, 'known_hosts'), known[hosts]);
    const config = [
      `IdentityFile ${this.folder}/${key}`,
      ...['IdentitiesOnly yes', 'IdentityAgent none', 'GlobalKnownHostsFile none'],
      `UserKnownHostsFile ${home}/known_hosts`,
    ];
    await writeFile(path.join(home, 'config'), config.join('\n'));
    const bin = path.join(home, 'bin');
    await mkdir(bin, { recursive: true });
    const script = `#!/bin/sh\necho "$*" >> ${home}/calls\nexec /usr/bin/ssh -F ${home}/config "$@"\n`;
    await writeFile(path.join(bin, 'ssh'), script);
    await chmod(path.join(bin, 'ssh'), 0o755);
    return bin;
  }
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
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
    if (attempt === 100) throw new Error('sshd does not listen');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
