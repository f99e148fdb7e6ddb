// A hub and a device of the demo's own, and what one does with them; nothing of it leaves this machine.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { playDevice } from '../test/hub/device-player';
import { startHub } from '../test/hub/hub';
import { addAccount, addDevice, addObject, addTrail, type Trail } from '../test/hub/world';
import { runPvx } from './pvx';
import type { Step } from './steps';
import type { References } from './web-server';

export interface DemoDevice extends AsyncDisposable {
  /** What the command line, and the editor, need to reach the hub; `alice` is logged in there, as `pvr login` does it. */
  readonly environment: Readonly<Record<string, string>>;
  /** For whoever has none of these: variables that do the same in another terminal. */
  readonly login: Readonly<Record<'PVR_BASEURL' | 'PVR_ACCESSTOKEN', string>>;
  readonly trail: Trail;
}

const day = 24 * 60 * 60;

/**
 * Starts a hub with a device `kitchen` that runs a release of the demo's web server, and takes what is posted to it.
 *
 * @param folder where its first state is made.
 * @param web that release.
 * @param sources options that say where the images lie.
 */
export async function startDemoDevice(
  folder: string,
  web: string,
  sources: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<DemoDevice> {
  const factory = path.join(folder, 'factory');
  await mkdir(factory);
  const from = ['--from', web, '--group', 'root', ...sources];
  for (const args of [['init'], ['app', 'add', 'web', ...from], ['commit', '-m', 'from the factory']])
    await runPvx(args, factory, environment);
  const hub = await startHub({ tokenLife: day });
  const alice = addAccount(hub.world, 'alice');
  const objects = environment['PVR_OBJECTS_DIR'] ?? '';
  for (const name of await readdir(objects))
    if (/^[0-9a-f]{64}$/.test(name))
      addObject(hub.world, alice.prn, await readFile(path.join(objects, name)), name);
  const state = JSON.parse(await readFile(path.join(factory, '.pvr', 'json'), 'utf8')) as Record<
    string,
    unknown
  >;
  const device = addDevice(hub.world, alice.prn, { nick: 'kitchen' });
  const trail = addTrail(hub.world, device, state);
  const player = playDevice(hub, device, { pace: 300 });
  const token = hub.tokens.forUser(alice, 'alice');
  const config = environment['PVR_CONFIG_DIR'] ?? '';
  await mkdir(config, { recursive: true });
  const tokens = { [`${hub.url}/auth realm=pantahub services`]: { Name: '', 'access-token': token } };
  await writeFile(path.join(config, 'auth.json'), JSON.stringify({ spec: '1', tokens }), { mode: 0o600 });
  return {
    environment: { ...environment, PVR_BASEURL: hub.url },
    login: { PVR_BASEURL: hub.url, PVR_ACCESSTOKEN: token },
    trail,
    async [Symbol.asyncDispose]() {
      await player[Symbol.asyncDispose]();
      await hub[Symbol.asyncDispose]();
    },
  };
}

/** A step in one of the two folders, and what its output must say. */
export interface DeviceStep extends Step {
  readonly at: 'folder' | 'checkout';
  readonly says: RegExp;
}

export function deviceSteps(references: References, sources: readonly string[]): readonly DeviceStep[] {
  return [
    { title: 'Which devices are there?', args: ['ps'], at: 'folder', says: /^kitchen +0 +0 +DONE/m },
    {
      title: 'Clone the device: all of its state, as a checkout.',
      args: ['clone', 'kitchen'],
      at: 'folder',
      says: /^Cloned revision 0 /m,
    },
    {
      title: 'Patch an app of it.',
      args: ['app', 'update', 'web', '--patch', '--from', references.nextWeb, ...sources],
      at: 'checkout',
      says: /web/,
    },
    { title: 'Commit it.', args: ['commit', '-m', 'web 1.1'], at: 'checkout', says: /web/ },
    {
      title: 'What would a post send, and what would stop it?',
      args: ['post', '--dry-run'],
      at: 'checkout',
      says: /would be revision +1\b[^]*Nothing was sent/,
    },
    {
      title: 'Post it, and follow the device until it runs the patch.',
      args: ['post'],
      at: 'checkout',
      says: /^alice\/kitchen runs revision 1, and goes back to it from now on\.$/m,
    },
    {
      title: 'What the device was sent, and what became of it; * runs.',
      args: ['revisions'],
      at: 'checkout',
      says: /^\* +1 +DONE/m,
    },
  ];
}
