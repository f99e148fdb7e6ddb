import assert from 'node:assert/strict';
import { checkoutFiles } from '../device-view/checkout-files';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

let checkout: string;
let empty: string;

inVSCode(
  'An untrusted workspace',
  {
    isUntrusted: true,
    async prepare(device) {
      checkout = await device.makeCheckout('device');
      empty = await device.makeCheckout('empty');
      await device.addApp(checkout, 'web', 'web:latest');
      await device.push('web2', 'web:latest');
      return checkout;
    },
  },
  (flow) => {
    flow('is read, and says why nothing is built', async ({ workbench }) => {
      const sideBar = await workbench.view('Pantavisor');
      await workbench.row(/^web, base 6\.3 MB, image not checked yet/).waitFor();
      await sideBar.getByText('Restricted Mode: apps can be looked at, but not built.').waitFor();
      await takePictures(workbench, 'restricted');

      const before = await checkoutFiles(checkout);
      for (const command of ['Update as Patch', 'Check for Newer Image']) {
        await workbench.pickFromMenu(workbench.row(/^web,/), command);
        const refusal = workbench.notification(
          'In Restricted Mode nothing is built, and no registry is asked.',
        );
        await refusal.getByRole('button', { name: 'Manage Workspace Trust' }).waitFor();
        await workbench.clearNotifications();
      }
      assert.deepEqual(await checkoutFiles(checkout), before);
      await workbench.row(/^web, base 6\.3 MB, image not checked yet/).waitFor();
    });

    flow('shows what is not committed, and commits nothing', async ({ workbench }) => {
      await workbench.view('Source Control');
      await workbench.row(/^web/).waitFor();
      assert.equal(await workbench.sideBar.locator('.scm-editor').count(), 0);
      await workbench.row(/^web/).hover();
      assert.equal(await workbench.sideBar.getByRole('button', { name: 'Discard Changes…' }).count(), 0);
    });

    flow('without apps says that none can be added', async ({ workbench }) => {
      await workbench.openFolder(empty);
      const sideBar = await workbench.view('Pantavisor');
      await sideBar.getByText('in Restricted Mode none can be added').waitFor();
      // Devices, below, have one as well.
      await sideBar.getByRole('button', { name: 'Manage Workspace Trust' }).first().waitFor();
      assert.equal(await sideBar.getByRole('button', { name: 'Add App', exact: true }).count(), 0);
      await takePictures(workbench, 'restricted and empty');
    });
  },
);
