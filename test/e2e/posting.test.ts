import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';
import { Pvx } from '../device-view/pvx';
import { type DevicePlayer, playDevice } from '../hub/device-player';
import { type Hub, startHub } from '../hub/hub';
import { addAccount, addDevice, addTrail, type Trail } from '../hub/world';
import { seriousViolations } from './accessibility';
import { commit } from './commit';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

let hub: Hub;
let player: DevicePlayer;
let play: () => DevicePlayer;
let trail: Trail;
let checkout: string;
/** Revisions that the device is to fail with. */
const failing = new Set<number>();

const statusItem = 'pantavisor-checkouts.pantavisor-checkouts.posts';

after(async () => {
  await player[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

inVSCode(
  'Posting',
  {
    async prepare(device) {
      hub = await startHub();
      const alice = addAccount(hub.world, 'alice');
      const kitchen = addDevice(hub.world, alice.prn, { nick: 'kitchen' });
      trail = addTrail(hub.world, kitchen, { '#spec': 'pantavisor-service-system@1' });
      kitchen.deviceMeta = { storage: { total: 64e6, free: 48e6, reserved: 3e6, real_free: 45e6 } };
      const token = hub.tokens.forUser(alice, 'alice');
      await mkdir(path.join(device.home, '.pvr'), { recursive: true });
      await writeFile(
        path.join(device.home, '.pvr', 'auth.json'),
        JSON.stringify({
          spec: '1',
          tokens: { [`${hub.url}/auth realm=pantahub services`]: { Name: '', 'access-token': token } },
        }),
      );
      const pvx = new Pvx(device.home, { PVR_BASEURL: hub.url });
      checkout = await device.makeCheckout('gateway');
      await device.addApp(checkout, 'web', 'web:latest');
      await device.addApp(checkout, 'shop', 'shop:latest', '--base', 'web');
      await pvx.run(checkout, 'commit', '-m', 'the first one');
      await pvx.run(checkout, 'post', 'kitchen', '--force', '--no-wait');
      const outcomeOf = (rev: number) =>
        failing.has(rev)
          ? ({ status: 'ERROR', message: 'A container could not be started' } as const)
          : ({ status: 'DONE' } as const);
      play = () => playDevice(hub, kitchen, { outcomeOf, pace: 1500 });
      player = play();
      await device.push('web2', 'web:latest');
      await pvx.run(checkout, 'app', 'update', 'web', '--patch');
      return checkout;
    },
    settings: () => ({ 'pantavisor.hub': hub.url, 'pantavisor.checkInterval': 0 }),
  },
  (flow) => {
    flow('reviews what was committed, before anything is sent', async ({ workbench }) => {
      await waitFor(() => trail.steps[1]?.progress.status === 'DONE');
      const done = await commit(workbench, 'gateway', 'the second page');
      await done.getByRole('button', { name: 'Post…' }).click();
      const page = workbench.editorPage;
      await page.getByRole('heading', { name: 'Post gateway to alice/kitchen' }).waitFor();
      await page.getByText('The last commit, “the second page”, becomes revision 2.').waitFor();
      await page.getByText(/^The device runs revision 1\.$/).waitFor();
      await page.getByRole('row', { name: /web changed \d+ \d.* kB/ }).waitFor();
      await page.getByText(/^Of 2\.1 GB that it may have\.$/).waitFor();
      await page.getByText('It said last that 45 MB are free.').waitFor();
      assert.equal(trail.steps.length, 2);
      await workbench.clearNotifications();
      await takePictures(workbench, 'review', async ({ webviewClass }) => {
        await page.locator(`body.${webviewClass}`).waitFor();
        assert.deepEqual(await seriousViolations(page), []);
      });
    });

    flow('posts by keyboard, and follows the device until it runs it', async ({ workbench }) => {
      const page = workbench.editorPage;
      const post = page.getByRole('button', { name: 'Post as Revision 2' });
      await post.focus();
      await workbench.page.keyboard.press('Enter');
      const following = workbench.notification('Revision 2 of alice/kitchen');
      await following.filter({ hasText: /downloading, \d.* of \d|installed|testing/ }).waitFor();
      await workbench
        .statusItem(statusItem)
        .getByText(/kitchen: \d+ %/)
        .waitFor();
      await takePictures(workbench, 'posting');
      await workbench.notification('alice/kitchen runs revision 2').waitFor();
      await workbench.statusItem(statusItem).waitFor({ state: 'detached' });
      await workbench.editorTab('Post gateway').waitFor({ state: 'detached' });
      assert.equal(trail.steps[2]?.message, 'the second page');
      await workbench.clearNotifications();
    });

    flow('has nothing to post twice', async ({ workbench }) => {
      await workbench.view('Source Control');
      await workbench.runCommand('Pantavisor: Post…');
      await workbench.editorPage
        .getByText('alice/kitchen has been sent this commit already, as revision 2.')
        .waitFor();
      await workbench.closeEditors();
    });

    flow('tells why a revision failed, also to the next window, and goes back', async ({ workbench }) => {
      failing.add(3);
      await change('lxc.uts.name = broken');
      await commit(workbench, 'gateway', 'a broken one');
      await workbench.clearNotifications();
      await workbench.view('Pantavisor');
      await workbench.pickFromMenu(workbench.row(/^gateway,/), 'Post…');
      await workbench.editorPage.getByRole('button', { name: 'Post as Revision 3' }).click();
      const failed = workbench.notification(
        /Revision 3 failed on alice\/kitchen \(A container could not be started\)/,
      );
      await failed.waitFor();
      await workbench.statusItem(statusItem).getByText('kitchen: ERROR').waitFor();
      await takePictures(workbench, 'post failed');
      await workbench.openFolder(checkout);
      await failed.getByRole('button', { name: 'Show Logs' }).click();
      await workbench.until(async () =>
        (await workbench.lines(workbench.page.locator('.part.panel'))).some((line) =>
          line.includes('could not start'),
        ),
      );
      await takePictures(workbench, 'post logs');
      await failed.getByRole('button', { name: 'Go Back…' }).click();
      await workbench.dialog.getByText('Post revision 2 of alice/kitchen again').waitFor();
      await takePictures(workbench, 'go back');
      await workbench.dialog.getByRole('button', { name: 'Go Back' }).click();
      await workbench.notification('alice/kitchen runs revision 4').waitFor();
      assert.deepEqual(trail.steps[4]?.state, trail.steps[2]?.state);
      await workbench.inHost(async ({ commands }) => {
        await commands.executeCommand('workbench.action.closePanel');
      });
      await workbench.clearNotifications();
    });

    flow('merges first what somebody else has posted', async ({ workbench }) => {
      const last = trail.steps.at(-1);
      assert.ok(last !== undefined);
      const theirs = { '#spec': 'service-manifest-run@1', theirs: true };
      trail.steps.push({
        ...last,
        rev: 5,
        message: 'of somebody else',
        state: { ...last.state, 'shop/services.json': theirs },
      });
      await change('lxc.uts.name = mended');
      await commit(workbench, 'gateway', 'a mended one');
      await workbench.clearNotifications();
      await workbench.runCommand('Pantavisor: Post…');
      const page = workbench.editorPage;
      await page.getByText(/Revision 5 is the newest, and this checkout came from 4/).waitFor();
      await page.getByRole('button', { name: 'Post, and Undo Revision 5' }).waitFor();
      await takePictures(workbench, 'review behind', async ({ webviewClass }) => {
        await page.locator(`body.${webviewClass}`).waitFor();
        assert.deepEqual(await seriousViolations(page), []);
      });
      await page.getByRole('button', { name: 'Merge First' }).click();
      await page.getByRole('button', { name: 'Post as Revision 6' }).waitFor();
      assert.deepEqual(JSON.parse(await readFile(path.join(checkout, 'shop/services.json'), 'utf8')), theirs);
      assert.match(await readFile(path.join(checkout, 'web/lxc.container.conf'), 'utf8'), /= mended/);
    });

    flow('goes on following in a window that was opened anew', async ({ workbench }) => {
      // It comes to its end while there is a window.
      await player[Symbol.asyncDispose]();
      await workbench.editorPage.getByRole('button', { name: 'Post as Revision 6' }).click();
      await workbench.notification('Revision 6 of alice/kitchen').waitFor();
      // VS Code writes down within seconds what a window keeps.
      await workbench.page.waitForTimeout(7_000);
      await workbench.openFolder(checkout);
      await workbench.notification('Revision 6 of alice/kitchen').waitFor();
      player = play();
      await workbench.notification('alice/kitchen runs revision 6').waitFor();
      await workbench.statusItem(statusItem).waitFor({ state: 'detached' });
      await workbench.clearNotifications();
    });

    flow('compares what lies there with what the device runs', async ({ device, workbench }) => {
      await device.push('web3', 'web:latest');
      await device.pvx.run(checkout, 'app', 'update', 'web', '--patch');
      await workbench.view('Source Control');
      await workbench.runCommand('Pantavisor: Compare with Device…');
      await workbench.quickOption(/web.*what changed inside/).waitFor();
      await takePictures(workbench, 'compare with device');
      await workbench.quickOption(/web.*what changed inside/).click();
      await workbench.editorPage.getByRole('row', { name: /index\.html.*changed/ }).waitFor();
      await workbench.closeEditors();
      await workbench.runCommand('Pantavisor: Compare with Device…');
      await workbench.quickOption(/web\/src\.json/).click();
      await workbench.editorTab(/web\/src\.json: Revision 6 of alice\/kitchen ↔ Checkout/).waitFor();
      await workbench.closeEditors();
    });

    flow('says with one button that nobody is logged in', async ({ device, workbench }) => {
      await writeFile(path.join(device.home, '.pvr', 'auth.json'), '{"spec":"1","tokens":{}}');
      hub.tokens.expireAll();
      await workbench.runCommand('Pantavisor: Post…');
      await workbench.editorPage.getByText(/^Nobody is logged in to /).waitFor();
      await takePictures(workbench, 'review logged out');
      await workbench.editorPage.getByRole('button', { name: 'Log In…' }).click();
      await workbench.quickInput.waitFor();
      await workbench.page.keyboard.type('alice');
      await workbench.page.keyboard.press('Enter');
      await workbench.page.getByText(/Password of alice/).waitFor();
      await workbench.page.keyboard.type('alice-pass');
      await workbench.page.keyboard.press('Enter');
      await workbench.editorPage.getByText(/Not committed, and so not posted: /).waitFor();
      await workbench.closeEditors();
    });
  },
);

/** Edits what a device restarts an app for. */
async function change(line: string): Promise<void> {
  const file = path.join(checkout, 'web', 'lxc.container.conf');
  const text = await readFile(file, 'utf8');
  await writeFile(file, `${text.replace(/^lxc\.uts\.name.*\n/gm, '')}${line}\n`);
}

async function waitFor(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !holds();) {
    assert.ok(Date.now() < end, holds.toString());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
