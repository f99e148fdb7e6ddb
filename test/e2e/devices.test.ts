import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Pvx } from '../device-view/pvx';
import { type DevicePlayer, playDevice } from '../hub/device-player';
import { type Hub, startHub } from '../hub/hub';
import { addAccount, addDevice, addTrail, type Device } from '../hub/world';
import type { Workbench } from '../vscode/workbench';
import { seriousViolationsInView } from './accessibility';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

let hub: Hub;
let kitchen: Device;
let player: DevicePlayer | undefined;

inVSCode(
  'Devices',
  {
    async prepare(device) {
      hub = await startHub();
      const alice = addAccount(hub.world, 'alice');
      kitchen = addDevice(hub.world, alice.prn, { nick: 'kitchen' });
      addTrail(hub.world, kitchen, { '#spec': 'pantavisor-service-system@1' });
      addDevice(hub.world, alice.prn, { nick: 'new-one' });
      player = playDevice(hub, kitchen, { pace: 30 });
      const token = hub.tokens.forUser(alice, 'alice');
      const pvx = new Pvx(device.home, { PVR_BASEURL: hub.url, PVR_ACCESSTOKEN: token });
      const source = path.join(device.folder, 'source');
      await pvx.run(device.folder, 'clone', 'kitchen', source);
      await pvx.run(source, 'app', 'add', 'web', '--from', device.image('web:latest'));
      await pvx.run(source, 'commit', '-m', 'the web site');
      await pvx.run(source, 'post');
      await device.push('web2', 'web:latest');
      await pvx.run(source, 'app', 'update', 'web', '--patch');
      await pvx.run(source, 'commit', '-m', 'the second page');
      await pvx.run(source, 'post');
      const folder = path.join(device.workspace, 'plain');
      await mkdir(folder);
      return folder;
    },
    settings: () => ({ 'pantavisor.hub': hub.url, 'pantavisor.devicesInterval': 2 }),
  },
  (flow) => {
    // What the device itself asks doesn't count.
    const requests = () =>
      hub.requests.filter((one) => /GET \/(?:devices\/|trails\/summary)$/.test(one)).length;

    flow('asks nobody before somebody logs in', async ({ workbench }) => {
      const before = requests();
      const sideBar = await workbench.view('Pantavisor');
      await sideBar.getByText('Log in to see your devices').waitFor();
      await takePictures(workbench, 'devices logged out');
      assert.equal(requests(), before);
    });

    flow('asks for a name and a password, and again when they are wrong', async ({ workbench, device }) => {
      await workbench.sideBar.getByRole('button', { name: 'Log In', exact: true }).click();
      await answer(workbench, 'User name', 'alice');
      await answer(workbench, 'Password of alice', 'wrong');
      await answer(workbench, 'The name or the password is wrong', 'alice');
      await answer(workbench, 'Password of alice', 'alice-pass');
      await workbench.row(/^kitchen, .*runs 2/).waitFor();
      await workbench.row(/^new-one, never started/).waitFor();
      await assert.rejects(readFile(path.join(device.home, '.pvr', 'auth.json')), { code: 'ENOENT' });
      await takePictures(workbench, 'devices');
    });

    flow('shows what a device has been sent, with what each brought', async ({ workbench }) => {
      await unfold(workbench, /^kitchen,/);
      await unfold(workbench, /^Revisions/);
      await workbench.row(/^2 the second page, runs .*\+\d+(\.\d)? kB/).waitFor();
      await workbench.row(/^1 the web site, done.*\+6(\.\d)? MB/).waitFor();
      const view = workbench.pane('Devices');
      await takePictures(workbench, 'devices revisions', async ({ name }) => {
        assert.deepEqual(await seriousViolationsInView(view), [], name);
      });
    });

    flow('compares revisions, inside of file systems too', async ({ workbench }) => {
      await workbench.pickFromMenu(workbench.row(/^2 the second page/), 'Show What It Changed');
      await workbench.quickOption(/web.*what changed inside/).waitFor();
      await takePictures(workbench, 'devices what changed');
      await workbench.quickOption(/web.*what changed inside/).click();
      await workbench.editorPage.getByRole('row', { name: /index\.html.*changed/ }).waitFor();
      await workbench.closeEditors();
    });

    flow('tells a device what is written in a document', async ({ workbench }) => {
      await workbench.pickFromMenu(workbench.row(/^kitchen,/), 'Edit What the Device Is Told');
      await workbench.editorTab(/user-meta\.json/).waitFor();
      // The tab comes before the document that it shows.
      await workbench.until(() =>
        workbench.inHost(
          (vscode) => vscode.window.activeTextEditor?.document.uri.path.endsWith('user-meta.json') === true,
        ),
      );
      await workbench.inHost(async (vscode) => {
        const editor = vscode.window.activeTextEditor;
        if (editor === undefined) throw new Error('there is no editor');
        const whole = new vscode.Range(0, 0, editor.document.lineCount, 0);
        await editor.edit((edit) => edit.replace(whole, '{ "place": "cellar" }'));
        await editor.document.save();
      });
      await workbench.until(() => Promise.resolve(kitchen.userMeta['place'] === 'cellar'));
      await workbench.closeEditors();
    });

    flow('follows the logs of a device', async ({ workbench }) => {
      await workbench.pickFromMenu(workbench.row(/^kitchen,/), 'Show Logs');
      const panel = workbench.page.locator('.part.panel');
      await workbench.until(async () =>
        (await workbench.lines(panel)).some((line) => line.includes('[2] pantavisor: revision 2 downloaded')),
      );
      await takePictures(workbench, 'devices logs');
      const asked = () => hub.requests.filter((request) => request.startsWith('GET /logs')).length;
      const before = asked();
      await workbench.until(() => Promise.resolve(asked() > before + 1));
      await workbench.inHost(async (vscode) => {
        await vscode.commands.executeCommand('workbench.action.closePanel');
      });
    });

    flow('has a device go back to what it ran, and shows how that goes', async ({ workbench }) => {
      await workbench.pickFromMenu(workbench.row(/^1 the web site/), 'Go Back to This Revision…');
      await workbench.dialog.getByText('Have kitchen go back to revision 1?').waitFor();
      await takePictures(workbench, 'devices go back');
      await workbench.dialog.getByRole('button', { name: 'Go Back' }).click();
      await workbench.row(/^kitchen, runs 3/).waitFor();
      await workbench.row(/^3 Back to revision 1, runs/).waitFor();
    });

    flow('cancels what a device has not begun with', async ({ workbench }) => {
      await player?.[Symbol.asyncDispose]();
      await workbench.pickFromMenu(workbench.row(/^2 the second page/), 'Go Back to This Revision…');
      await workbench.dialog.getByRole('button', { name: 'Go Back' }).click();
      await workbench.row(/^kitchen, 4: waits for the device, runs 3/).waitFor();
      await takePictures(workbench, 'devices waiting');
      await workbench.pickFromMenu(workbench.row(/^kitchen,/), 'Cancel Revision…');
      await workbench.dialog.getByRole('button', { name: 'Cancel Revision' }).click();
      await workbench.row(/^kitchen, runs 3/).waitFor();
      await workbench.row(/^4 Back to revision 2, cancelled/).waitFor();
    });

    flow('asks nobody while nobody looks', async ({ workbench }) => {
      await workbench.view('Explorer');
      // The last answer may be on its way; whoever goes on looking does so every two seconds.
      let asked: readonly string[] = [];
      const isQuiet = async () => {
        const before = hub.requests.length;
        await workbench.page.waitForTimeout(6_000);
        asked = hub.requests.slice(before);
        return asked.length === 0;
      };
      await workbench.until(isQuiet).catch(() => assert.deepEqual(asked, []));
    });

    flow('says quietly that a hub is not reached', async ({ workbench }) => {
      const fault = { matches: () => true, what: 'cut' as const };
      hub.faults.push(fault);
      await workbench.view('Pantavisor');
      await workbench.row(/^alice · .*not reached/).waitFor();
      await workbench.row(/^Try Again/).waitFor();
      await takePictures(workbench, 'devices offline');
      hub.faults.splice(0);
      await workbench.row(/^Try Again/).click();
      await workbench.row(/^Try Again/).waitFor({ state: 'detached' });
    });

    flow('clones a device, and opens it', async ({ workbench, device }) => {
      await workbench.pickFromMenu(workbench.row(/^kitchen,/), 'Clone Device…');
      await workbench.quickOption(/Revision 3/).click();
      await workbench.quickInput.waitFor();
      await workbench.quickInput.fill(`${device.workspace}/`);
      await workbench.page.waitForTimeout(500);
      await workbench.page.locator('.quick-input-widget').getByRole('button', { name: 'Clone Here' }).click();
      const done = workbench.notification(/Cloned revision 3 of alice\/kitchen/);
      await done.getByRole('button', { name: 'Open', exact: true }).waitFor();
      await takePictures(workbench, 'devices cloned');
      await done.getByRole('button', { name: 'Open', exact: true }).click();
      await workbench.row(/^web/).waitFor();
      await workbench.view('Pantavisor');
      // The keychain of a window in a browser ends with it.
      await workbench.sideBar.getByRole('button', { name: 'Log In', exact: true }).click();
      await answer(workbench, 'User name', 'alice');
      await answer(workbench, 'Password of alice', 'alice-pass');
      await workbench.row(/^kitchen, runs 3.*kitchen/).waitFor();
      assert.match(await readFile(path.join(device.workspace, 'kitchen/.pvr/json'), 'utf8'), /web\/root/);
      await takePictures(workbench, 'devices and their checkout');
    });

    flow('forgets a login, and asks nobody any more', async ({ workbench }) => {
      await workbench.pickFromMenu(workbench.row(/^alice · /), 'Log Out of Pantahub');
      await workbench.sideBar.getByText('Log in to see your devices').waitFor();
      await hub[Symbol.asyncDispose]();
    });
  },
);

async function answer(workbench: Workbench, prompt: string, text: string): Promise<void> {
  await workbench.quickMessage.getByText(prompt).waitFor();
  await workbench.quickInput.fill(text);
  await workbench.page.keyboard.press('Enter');
}

async function unfold(workbench: Workbench, name: RegExp): Promise<void> {
  const row = workbench.row(name);
  await row.waitFor();
  if ((await row.getAttribute('aria-expanded')) !== 'true') {
    await row.click();
    await workbench.until(async () => (await row.getAttribute('aria-expanded')) === 'true');
  }
}
