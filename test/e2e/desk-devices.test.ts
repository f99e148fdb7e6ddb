import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';
import type { Locator } from 'playwright-core';
import { Device as DeskDevice } from '../desk/device';
import { SshServer } from '../desk/ssh-server';
import { Pvx } from '../device-view/pvx';
import { type DevicePlayer, playDevice } from '../hub/device-player';
import { startHub } from '../hub/hub';
import { addAccount, addDevice, addObject, addTrail, type Trail } from '../hub/world';
import { isLongForm } from '../long-form';
import type { DeviceProject } from '../vscode/device';
import type { Workbench } from '../vscode/workbench';
import { commit } from './commit';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

const started: AsyncDisposable[] = [];
/** By the names of their devices, at the hub. */
const trails = new Map<string, Trail>();
let hubUrl: string;
let searchPath: string;
let bySocket: DeskDevice;
let bySsh: DeskDevice;
let sshd: SshServer;
let players: DevicePlayer[] = [];
/** Whether the cellar fails with what it is sent. */
let isBroken = true;

after(async () => {
  const all = [...players, ...started.reverse()];
  for (const one of all) await Promise.resolve(one[Symbol.asyncDispose]()).catch(() => undefined);
});

inVSCode(
  'Devices on the desk, and several at once',
  {
    async prepare(device) {
      const { state, objects } = await makeState(device);
      sshd = own(await SshServer.start());
      const client = path.join(device.folder, 'client');
      await mkdir(client);
      searchPath = `${await sshd.makeClient(client, 'user', 'unknown')}:${process.env['PATH'] ?? ''}`;
      const start = async (name: string) => {
        const folder = path.join(device.folder, name);
        return own(await DeskDevice.start({ folder, state, objects: objects.values(), pace: 150 }));
      };
      bySocket = await start('bench');
      bySsh = await start('far');
      await sshd.leadTo(bySsh);

      const hub = own(await startHub());
      hubUrl = hub.url;
      const alice = addAccount(hub.world, 'alice');
      for (const [id, content] of objects) addObject(hub.world, alice.prn, content, id);
      for (const nick of ['kitchen', 'cellar', 'garage']) {
        const one = addDevice(hub.world, alice.prn, { nick });
        one.deviceMeta = { 'pantavisor.arch': 'x86_64/64/EL' };
        trails.set(nick, addTrail(hub.world, one, { ...state, 'place.json': { nick } }));
        const fails = { status: 'ERROR', message: 'A container could not be started' } as const;
        const outcomeOf = () => (nick === 'cellar' && isBroken ? fails : ({ status: 'DONE' } as const));
        players.push(playDevice(hub, one, { outcomeOf, pace: 300 }));
      }
      await mkdir(path.join(device.home, '.pvr'), { recursive: true });
      const token = { Name: '', 'access-token': hub.tokens.forUser(alice, 'alice') };
      await writeFile(
        path.join(device.home, '.pvr', 'auth.json'),
        JSON.stringify({ spec: '1', tokens: { [`${hub.url}/auth realm=pantahub services`]: token } }),
      );
      await device.push('web2', 'web:latest');
      const pvx = new Pvx(device.home, { PVR_BASEURL: hub.url });
      const checkout = path.join(device.workspace, 'kitchen');
      await pvx.run(device.workspace, 'clone', 'kitchen', checkout);
      await pvx.run(checkout, 'app', 'update', 'web', '--patch');
      await pvx.run(checkout, 'commit', '-m', 'the second page');
      return checkout;
    },
    // As from a terminal; else VS Code asks a shell what PATH is.
    env: () => ({ PATH: searchPath, VSCODE_CLI: '1' }),
    settings: () => ({ 'pantavisor.hub': hubUrl, 'pantavisor.checkInterval': 0 }),
  },
  (flow) => {
    flow('posts an app to one device, then to others, and stops where one fails', async ({ workbench }) => {
      await workbench.view('Pantavisor');
      await workbench.row(/^kitchen, runs 0/).waitFor();
      await workbench.pickFromMenu(workbench.row(/^kitchen, 2 apps/), 'Post to Several Devices…');
      await listed(workbench, /web.*changed since/).waitFor();
      await accept(workbench);
      await listed(workbench, /^cellar/).click();
      await listed(workbench, /^garage/).click();
      await accept(workbench);
      await workbench.page.getByPlaceholder('Which one first?').waitFor();
      await workbench.quickOption(/^kitchen/).click();
      await workbench.dialog.getByText('Post web of kitchen to 3 devices?').waitFor();
      await takePictures(workbench, 'several devices');
      await workbench.dialog.getByRole('button', { name: 'Post', exact: true }).click();
      await workbench.notification(/kitchen \(1 of 3\)/).waitFor();
      const failed = workbench.notification(
        /Revision 1 failed on alice\/cellar \(A container could not be started\).*Nothing was sent to alice\/garage/,
      );
      await failed.getByRole('button', { name: 'Who Runs What' }).click();
      await workbench.quickOption(/alice\/kitchen.*runs 1.*as revision 1/).waitFor();
      await workbench.quickOption(/alice\/cellar.*runs 0.*revision 1 failed/).waitFor();
      await workbench.quickOption(/alice\/garage.*runs 0.*nothing was sent/).waitFor();
      await takePictures(workbench, 'several devices table');
      await workbench.page.keyboard.press('Escape');
      assert.deepEqual(lengths(), { kitchen: 2, cellar: 2, garage: 1 });
      await workbench.clearNotifications();
    });

    flow('goes on with them where it ended', async ({ workbench }) => {
      isBroken = false;
      await workbench.runCommand('Pantavisor: Post to Several Devices…');
      await listed(workbench, /web.*changed since/).waitFor();
      await accept(workbench);
      await listed(workbench, /^garage/).waitFor();
      await accept(workbench);
      await workbench.page.getByPlaceholder('Which one first?').waitFor();
      await accept(workbench);
      await workbench.dialog.getByText('1. alice/kitchen: has it already').waitFor();
      await workbench.dialog.getByRole('button', { name: 'Post', exact: true }).click();
      await workbench.notification('All 3 devices run web as it was committed').waitFor();
      assert.deepEqual(lengths(), { kitchen: 2, cellar: 3, garage: 2 });
      const posted = trails.get('garage')?.steps[1]?.state ?? {};
      assert.equal(typeof posted['web/root.ovl.squashfs'], 'string');
      assert.deepEqual(posted['place.json'], { nick: 'garage' });
      await stopPlaying();
      await workbench.clearNotifications();
    });

    // The rows of a view as low as this one come and go on a busy machine; integration/desk-by-ssh has the same without a window.
    if (!isLongForm) return;

    flow('brings a commit to a device by its control socket', async ({ workbench, device }) => {
      await addAddress(workbench, bySocket.socket);
      await unfold(workbench, /^device, .*runs 0/);
      await unfold(workbench, /^Containers/);
      await workbench.row(/^web, STARTED/).waitFor();
      await takePictures(workbench, 'devices desk');
      await fold(workbench, /^device, .*runs 0/);
      await bringCommit(workbench, device, { row: /^device, .*runs 0/, checkout: 'device', desk: bySocket });
    });

    flow('asks whether a device by ssh is trusted, and brings it a commit', async ({ workbench, device }) => {
      await addAddress(workbench, sshd.address);
      await workbench.dialog.getByText(/ssh does not know the device/).waitFor();
      await workbench.dialog.getByRole('button', { name: 'Trust It' }).click();
      await bringCommit(workbench, device, {
        row: /^127\.0\.0\.1, .*runs 0/,
        checkout: '127.0.0.1',
        desk: bySsh,
      });
    });
  },
);

async function stopPlaying(): Promise<void> {
  for (const player of players) await player[Symbol.asyncDispose]();
  players = [];
}

/** Has it end with the file. */
function own<One extends AsyncDisposable>(one: One): One {
  started.push(one);
  return one;
}

/** What all devices run at first: an app that is made from an image, and one that extends it. */
async function makeState(device: DeviceProject) {
  const pvx = new Pvx(path.join(device.folder, 'factory-home'));
  const factory = path.join(device.folder, 'factory');
  await mkdir(factory);
  await pvx.run(factory, 'init');
  const from = (name: string) => ['--from', device.image(`${name}:latest`), '--group', 'root'];
  await pvx.run(factory, 'app', 'add', 'web', ...from('web'));
  await pvx.run(factory, 'app', 'add', 'xshop', ...from('shop'), '--base', 'web');
  await pvx.run(factory, 'commit', '-m', 'from the factory');
  const text = await readFile(path.join(factory, '.pvr', 'json'), 'utf8');
  const store = path.join(device.folder, 'factory-home', '.pvr', 'objects');
  const ids = (await readdir(store)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const objects = new Map<string, Buffer>();
  for (const id of ids) objects.set(id, await readFile(path.join(store, id)));
  return { state: JSON.parse(text) as Record<string, unknown>, objects };
}

/** Clones a device, patches an app, commits it, reviews it, posts it, and sees the device run it. */
async function bringCommit(
  workbench: Workbench,
  { workspace }: DeviceProject,
  { row, checkout, desk }: { readonly row: RegExp; readonly checkout: string; readonly desk: DeskDevice },
): Promise<void> {
  await workbench.pickFromMenu(workbench.row(row), 'Clone Device…');
  await workbench.quickInput.waitFor();
  await workbench.quickInput.fill(`${workspace}/`);
  await workbench.page.waitForTimeout(500);
  await workbench.page.locator('.quick-input-widget').getByRole('button', { name: 'Clone Here' }).click();
  const cloned = workbench.notification(/Cloned revision 0 of/);
  await cloned.getByRole('button', { name: 'Open', exact: true }).click();
  // Until then this is the window that there was.
  await workbench.page.waitForURL((url) => url.search.endsWith(`/${checkout}`));
  await workbench.view('Pantavisor');
  await workbench.row(new RegExp(`^${checkout}, 2 apps`)).waitFor();
  await fold(workbench, /^alice · /);
  // It is known which checkout belongs to it.
  await workbench.row(new RegExp(`${row.source}.*${checkout}`)).waitFor();
  await workbench.pickFromMenu(workbench.row(/^web,/), 'Update as Patch');
  const committed = await commit(workbench, checkout, 'the second page');
  await committed.getByRole('button', { name: 'Post…' }).click();
  const page = workbench.editorPage;
  await page.getByText('The device runs revision 0.').waitFor();
  // They look the same, however they are reached.
  if (desk === bySocket) await takePictures(workbench, 'review desk');
  await page.getByRole('button', { name: 'Post as a New Revision' }).click();
  await workbench.notification(/runs revision locals\/.*, and goes back to it from now on/).waitFor();
  assert.equal(desk.steps.get(desk.running)?.progress.status, 'DONE');
  assert.equal(typeof desk.stateOf('current')?.['web/root.ovl.squashfs'], 'string');
  await workbench.clearNotifications();
  await workbench.view('Pantavisor');
}

async function addAddress(workbench: Workbench, address: string): Promise<void> {
  await workbench.view('Pantavisor');
  await fold(workbench, /^alice · /);
  await workbench.runCommand('Pantavisor: Add Device by Address…');
  await workbench.page.getByText('A device’s name, owner/name or address').waitFor();
  await workbench.quickInput.fill(address);
  await workbench.page.keyboard.press('Enter');
}

/** A row of a list of which several can be chosen: it is a checkbox. */
function listed(workbench: Workbench, text: RegExp): Locator {
  return workbench.page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: text });
}

async function accept(workbench: Workbench): Promise<void> {
  await workbench.page.keyboard.press('Enter');
}

function lengths(): Readonly<Record<string, number>> {
  return Object.fromEntries([...trails].map(([nick, { steps }]) => [nick, steps.length]));
}

function unfold(workbench: Workbench, name: RegExp): Promise<void> {
  return turn(workbench, name, 'true');
}

/** The view is low: what is below it has to be seen. */
function fold(workbench: Workbench, name: RegExp): Promise<void> {
  return turn(workbench, name, 'false');
}

async function turn(workbench: Workbench, name: RegExp, isExpanded: 'true' | 'false'): Promise<void> {
  const row = workbench.row(name);
  await row.waitFor();
  const isSo = async () => (await row.getAttribute('aria-expanded')) === isExpanded;
  // A click on a row that is being made anew is lost.
  await workbench.until(async () => {
    if (await isSo()) return true;
    await row.click();
    await workbench.page.waitForTimeout(300);
    return isSo();
  });
}
