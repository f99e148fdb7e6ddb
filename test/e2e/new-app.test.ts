import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { makeImage, type Image } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

let checkout: string;

inVSCode(
  'Creating an app',
  {
    releases: () => ({ meter: ['amd64', 'arm64'].map(meterFor) }),
    async prepare(device) {
      await device.push('meter', 'meter:latest');
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
      await workbench.row(/^device, .*2 apps/).waitFor();
    });

    flow(
      'asks for the platform of an image that comes for several, where nothing names one',
      async (given) => {
        const { device, workbench } = given;
        const { keyboard } = workbench.page;
        const step = (number: number) => workbench.quickTitle(`Add App (${number}/6)`);
        const typed = workbench
          .quickOption(/meter:latest/)
          .filter({ hasText: 'comes for linux/amd64, linux/arm64' });
        // The image's row names its platforms as well.
        const arm64 = workbench.quickOption(/^linux\/arm64/);
        await workbench.typeCommand('Pantavisor: Add App…');
        await step(1).waitFor();
        await keyboard.type(device.image('meter:latest'));
        await typed.waitFor();
        await keyboard.press('Enter');
        await arm64.waitFor();
        await takePictures(workbench, 'wizard platform');
        await keyboard.press('Control+Alt+Minus');
        await typed.waitFor();
        await keyboard.press('Enter');
        await arm64.click();
        for (let number = 2; number < 6; number += 1) {
          await step(number).waitFor();
          await keyboard.press('Enter');
        }
        await step(6).waitFor();
        await workbench.quickOption(/Image.*meter:latest · linux\/arm64/).waitFor();
        await keyboard.press('Enter');

        await workbench.row(/^meter, base/).waitFor();
        const source = JSON.parse(await readFile(path.join(checkout, 'meter/src.json'), 'utf8')) as object;
        assert.ok('docker_platform' in source && source.docker_platform === 'linux/arm64');
      },
    );
  },
);

function meterFor(architecture: string): Image {
  const content = `reads meters on ${architecture}\n`;
  const layer = makeLayer([{ path: 'meter', kind: 'file', content }]);
  return makeImage([layer], { platform: { os: 'linux', architecture } });
}
