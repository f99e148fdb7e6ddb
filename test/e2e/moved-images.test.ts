import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

const statusItem = 'pantavisor-checkouts.pantavisor-checkouts.movedImages';
let checkout: string;

inVSCode(
  'Moved images',
  {
    async prepare(device) {
      checkout = await device.makeCheckout('device');
      await device.addApp(checkout, 'web', 'web:latest');
      await device.addApp(checkout, 'shop', 'shop:latest', '--base', 'web');
      await device.push('web2', 'web:latest');
      return checkout;
    },
  },
  (flow) => {
    flow('are told of after the check at start, with no view open', async ({ workbench }) => {
      const message = workbench.notification('There is a newer image of web');
      await message.getByRole('button', { name: 'Update as Patch' }).waitFor();
      await message.getByRole('button', { name: 'Later' }).waitFor();
      await message.getByRole('button', { name: "Don't Ask for This App" }).waitFor();
      const item = workbench.statusItem(statusItem);
      await item.waitFor();
      assert.equal((await item.innerText()).trim(), '1 image moved');
      await item.hover();
      const tooltip = workbench.page.locator('.monaco-hover').filter({ hasText: 'Last checked' });
      await tooltip.getByRole('link', { name: 'Update as patch' }).waitFor();
      await takePictures(workbench, 'status bar');
    });

    flow('are patched by a click on the status bar, which is empty then', async ({ workbench }) => {
      await workbench.view('Pantavisor');
      await workbench.row(/^web,.*image moved/).waitFor();
      await workbench.statusItem(statusItem).click();
      await workbench.quickOption(/web, device/).waitFor();
      await takePictures(workbench, 'moved apps');
      await workbench.quickOption(/web, device/).click();
      await workbench.notification('web is patched').waitFor();
      await workbench.row(/^web,.*overlay.*up to date/).waitFor();
      await workbench.statusItem(statusItem).waitFor({ state: 'hidden' });
    });

    flow('are told of when a check follows a push', async ({ device, workbench }) => {
      await device.push('web3', 'web:latest');
      await workbench.runCommand('Pantavisor: Check All Images');
      const message = workbench.notification('Newer images: web.');
      await workbench.statusItem(statusItem).waitFor();
      await takePictures(workbench, 'newer image');

      const before = await readFile(path.join(checkout, 'web/src.json'), 'utf8');
      await message.getByRole('button', { name: 'Update…' }).click();
      await workbench.quickOption(/web, device/).click();
      await workbench.notification('web is patched').waitFor();
      await workbench.statusItem(statusItem).waitFor({ state: 'hidden' });
      assert.notEqual(await readFile(path.join(checkout, 'web/src.json'), 'utf8'), before);
    });
  },
);
