import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const id = '6b0cda23686c8238cc34e514';

/** A real avahi-daemon with pv-avahi's service, in a network namespace of its own, at the other end of a cable. */
describe('devices that tell of themselves by mDNS', () => {
  const namespace = `pvx-scan-${process.pid}`;
  const [here, there] = [`pvxa${process.pid % 100000}`, `pvxb${process.pid % 100000}`];
  let folder: string;
  const daemons: ChildProcess[] = [];

  const within = (...words: readonly string[]) => ['netns', 'exec', namespace, ...words];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'scan-'));
    await run('ip', ['netns', 'add', namespace]);
    await run('ip', ['link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', namespace]);
    await run('ip', ['addr', 'add', '10.213.7.1/24', 'dev', here]);
    await run('ip', ['link', 'set', here, 'up']);
    await run('ip', within('ip', 'addr', 'add', '10.213.7.2/24', 'dev', there));
    await run('ip', within('ip', 'link', 'set', there, 'up'));
    await run('ip', within('ip', 'link', 'set', 'lo', 'up'));
    await writeFile(
      path.join(folder, 'ssh.service'),
      `<?xml version="1.0" standalone='no'?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group><name>kitchen</name><service><type>_ssh._tcp</type><subtype>_pantavisor._sub._ssh._tcp</subtype>
<port>8222</port><txt-record>device-id=${id}</txt-record><txt-record>pantahub=https://api.pantahub.com:443</txt-record>
</service></service-group>`,
    );
    await writeFile(
      path.join(folder, 'avahi.conf'),
      '[server]\nhost-name=kitchen\nenable-dbus=no\ndisallow-other-stacks=no\n[publish]\npublish-workstation=no\n',
    );
    // Its services and its pid have places that can't be chosen: both are its own here, with the mounts of its namespace.
    const script = `mount -t tmpfs none /run && mount --bind ${folder} /etc/avahi/services && exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f ${folder}/avahi.conf`;
    daemons.push(spawn('ip', within('sh', '-c', script), { stdio: ['ignore', 'ignore', 'inherit'] }));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  });

  after(async () => {
    for (const daemon of daemons) daemon.kill();
    await run('ip', ['link', 'del', here]).catch(() => undefined);
    await run('ip', ['netns', 'del', namespace]);
    await rm(folder, { recursive: true });
  });

  it('are found with their addresses, and nothing is where nobody answers', async () => {
    const program = path.resolve('dist/cli.js');
    const scan = async (words: readonly string[]) =>
      JSON.parse((await run(process.execPath, [program, 'device', 'scan', ...words, '--json'])).stdout) as {
        readonly devices: readonly object[];
      };
    const { devices } = await scan(['--seconds', '6']);
    const [device] = devices as readonly { readonly addresses: readonly string[] }[];
    assert.ok(device !== undefined, 'found none');
    const { addresses, ...rest } = device;
    assert.deepEqual(rest, {
      ...{ name: 'kitchen', host: 'kitchen.local', port: 8222, deviceId: id, isClaimed: true },
      hub: 'https://api.pantahub.com:443',
    });
    assert.ok(addresses.includes('10.213.7.2'), addresses.join());
  });
});
