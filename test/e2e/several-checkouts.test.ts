import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

inVSCode(
  'Several checkouts',
  {
    async prepare(device) {
      const fleet = await device.makeCheckout('fleet/gateway');
      const nested = await device.makeCheckout('fleet/gateway/spare');
      const other = await device.makeCheckout('kiosk');
      for (const checkout of [fleet, nested, other]) await device.addApp(checkout, 'web', 'web:latest');
      await device.addApp(fleet, 'shop', 'shop:latest', '--base', 'web');
      await device.addApp(fleet, 'admin', 'shop:latest');
      await device.push('web2', 'web:latest');
      const workspace = path.join(device.workspace, 'devices.code-workspace');
      await writeFile(workspace, JSON.stringify({ folders: [{ path: 'fleet' }, { path: 'kiosk' }] }));
      return workspace;
    },
  },
  (flow) => {
    flow('are all shown, nested ones and those of other folders', async ({ workbench }) => {
      await workbench.view('Pantavisor');
      await workbench.row(/^gateway, .*3 apps/).waitFor();
      await workbench.row(/^spare, .*1 app/).waitFor();
      await workbench.row(/^kiosk, .*1 app/).waitFor();
      assert.equal(await workbench.row(/^web,/).count(), 3);
    });

    flow('have one badge, for all apps that need something', async ({ workbench }) => {
      await workbench
        .row(/^web,.*image moved/)
        .nth(2)
        .waitFor();
      const tab = workbench.page.locator('.part.activitybar').getByRole('tab', { name: /^Pantavisor/ });
      await tab.locator('.badge-content').filter({ hasText: '3' }).waitFor();
      assert.match((await tab.getAttribute('aria-label')) ?? '', /3 apps need attention/);
      await takePictures(workbench, 'several checkouts');
    });

    flow('are grouped, sorted and filtered', async ({ workbench }) => {
      const appNames = async () => {
        const names = await workbench.rowNames(/^(admin|shop|web),/);
        return names.map((name) => name.split(',')[0]);
      };
      // Below the app that it extends.
      assert.deepEqual(await appNames(), ['admin', 'web', 'shop', 'web', 'web']);
      await workbench.runCommand('Pantavisor: Group Apps…');
      await workbench.quickOption(/Nothing/).click();
      await workbench.until(async () => (await appNames()).join() === 'admin,shop,web,web,web');
      await workbench.runCommand('Pantavisor: Sort Apps…');
      await workbench.quickOption(/Overlay share/).click();
      await workbench.until(async () => (await appNames())[0] === 'shop');

      await workbench.runCommand('Pantavisor: Filter Apps…');
      await workbench.quickInput.fill('SHOP latest');
      await workbench.page.keyboard.press('Enter');
      await workbench.sideBar.getByText('Only apps with "SHOP latest" are shown.').waitFor();
      await workbench.row(/^web,/).first().waitFor({ state: 'detached' });
      assert.deepEqual(await appNames(), ['shop', 'admin']);
      await takePictures(workbench, 'filtered');
      await workbench.runCommand('Pantavisor: Clear Filter');
      await workbench.row(/^web,/).nth(2).waitFor();
    });

    flow('are built one beside the other', async ({ device, workbench }) => {
      await workbench.clearNotifications();
      await workbench.runCommand('Pantavisor: Update an App Whose Image Moved…');
      await workbench.quickOption(/web.*kiosk/).click();
      await workbench.pickFromMenu(workbench.row(/^gateway, .*3 apps/), 'Update All Apps as Patches');
      await workbench
        .row(/^web,.*overlay.*up to date/)
        .nth(1)
        .waitFor();
      for (const built of ['fleet/gateway', 'kiosk']) {
        assert.ok(await stat(path.join(device.workspace, built, 'web/root.ovl.squashfs')));
      }
      assert.equal(await workbench.row(/^web,.*image moved/).count(), 1);
    });
  },
);
