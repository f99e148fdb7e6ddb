import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

let checkout: string;

inVSCode(
  'Creating an app',
  {
    async prepare(device) {
      checkout = await device.makeCheckout('device');
      await device.addApp(checkout, 'web', 'web:latest');
      return checkout;
    },
  },
  (flow) => {
    flow('makes an extension app by keyboard alone, mistakes and a way back included', async (given) => {
      const { device, workbench } = given;
      const { keyboard } = workbench.page;
      const step = (number: number) => workbench.quickTitle(`Create Extension App (${number}/7)`);
      await workbench.view('Pantavisor');
      await workbench.row(/^web,/).waitFor();

      await workbench.typeCommand('Pantavisor: Create Extension App…');
      await step(1).waitFor();
      await workbench.quickOption(/^web/).waitFor();
      await takePictures(workbench, 'wizard base');
      await keyboard.press('Enter');

      await step(2).waitFor();
      await keyboard.type('not an image');
      await workbench
        .quickOption(/not an image.*/)
        .filter({ hasText: 'It contains a space' })
        .waitFor();
      await keyboard.press('Enter');
      await keyboard.press('Control+A');
      await keyboard.type(device.image('nothing:latest'));
      await workbench
        .quickOption(/nothing:latest/)
        .filter({ hasText: 'does not have' })
        .waitFor();
      await takePictures(workbench, 'wizard image');
      await keyboard.press('Control+A');
      await keyboard.type(device.image('shop:latest'));
      await workbench
        .quickOption(/shop:latest/)
        .filter({ hasText: 'from the registry' })
        .waitFor();
      await keyboard.press('Enter');

      await step(3).waitFor();
      await keyboard.type('web');
      await workbench.quickMessage.filter({ hasText: /There is such an app already/i }).waitFor();
      await takePictures(workbench, 'wizard name');
      await keyboard.press('Enter');
      await keyboard.press('Control+A');
      await keyboard.type('webshop');
      await workbench.quickMessage.filter({ hasText: 'A name for the app' }).waitFor();
      await keyboard.press('Enter');

      await step(4).waitFor();
      await keyboard.press('Control+Alt+Minus');
      await step(3).waitFor();
      assert.equal(await workbench.quickInput.inputValue(), 'webshop');
      await keyboard.press('Control+A');
      await keyboard.type('kiosk');
      await keyboard.press('Enter');

      await step(4).waitFor();
      await keyboard.type('app');
      await keyboard.press('Enter');
      await step(5).waitFor();
      await keyboard.press('Enter');
      await step(6).waitFor();
      await keyboard.press('Enter');

      await step(7).waitFor();
      await workbench.quickOption('Create kiosk over web').waitFor();
      await takePictures(workbench, 'wizard summary');
      await keyboard.press('Enter');

      await workbench.row(/^kiosk, extends web, overlay/).waitFor();
      const run = JSON.parse(await readFile(path.join(checkout, 'kiosk/run.json'), 'utf8')) as object;
      assert.ok('group' in run && run.group === 'app');
      assert.ok((await stat(path.join(checkout, 'kiosk/root.ovl.squashfs'))).size < 10_000);
    });

    flow('changes nothing when a person leaves on the way', async ({ workbench }) => {
      const { keyboard } = workbench.page;
      await workbench.typeCommand('Pantavisor: Add App…');
      await workbench.quickTitle('Add App (1/6)').waitFor();
      await keyboard.press('Escape');
      await workbench.quickInput.waitFor({ state: 'hidden' });
      await workbench.row(/^device, 2 apps/).waitFor();
    });
  },
);
