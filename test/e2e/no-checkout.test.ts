import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

inVSCode(
  'A folder without a checkout',
  {
    async prepare(device) {
      const folder = path.join(device.workspace, 'plain');
      await mkdir(folder);
      return folder;
    },
  },
  (flow) => {
    flow('is made one from the welcome page', async ({ device, workbench }) => {
      const sideBar = await workbench.view('Pantavisor');
      await sideBar.getByText('There is no Pantavisor checkout in this workspace').waitFor();
      await takePictures(workbench, 'no checkout');
      await sideBar.getByRole('button', { name: 'Make a Folder a Checkout' }).click();
      await workbench.quickInput.waitFor();
      await workbench.page.keyboard.press('Enter');

      await workbench.notification(/plain is a checkout now/).waitFor();
      const state = await readFile(path.join(device.workspace, 'plain/.pvr/json'), 'utf8');
      assert.match(state, /pantavisor-service-system@1/);
      await sideBar.getByText('This checkout has no apps yet.').waitFor();
      await sideBar.getByRole('button', { name: 'Add App', exact: true }).waitFor();
      await takePictures(workbench, 'empty checkout');
    });

    flow('gets its first app from the welcome page', async ({ device, workbench }) => {
      await workbench.sideBar.getByRole('button', { name: 'Add App', exact: true }).click();
      await workbench.quickTitle('Add App (1/6)').waitFor();
      await workbench.quickInput.fill(device.image('web:latest'));
      await workbench
        .quickOption(/web:latest/)
        .filter({ hasText: 'from the registry' })
        .waitFor();
      for (let step = 1; step <= 6; step += 1) {
        await workbench.quickTitle(`Add App (${step}/6)`).waitFor();
        await workbench.page.keyboard.press('Enter');
      }
      await workbench.row(/^web, base 6\.3 MB/).waitFor();
    });
  },
);
