import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkoutFiles } from '../device-view/checkout-files';
import { releases, withFilm } from '../vscode/device';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

let checkout: string;

inVSCode(
  'Building',
  {
    releases: () => ({ film: withFilm(releases.web1) }),
    async prepare(device) {
      checkout = await device.makeCheckout('device');
      await device.addApp(checkout, 'web', 'web:latest');
      await device.addApp(checkout, 'shop', 'shop:latest', '--base', 'web');
      await device.push('web1', 'cinema:latest');
      await device.addApp(checkout, 'cinema', 'cinema:latest');
      return checkout;
    },
  },
  (flow) => {
    flow('updates an app as a patch from its context menu', async ({ device, workbench }) => {
      await device.push('web2', 'web:latest');
      await workbench.view('Pantavisor');
      // The check at start makes the tree anew, and VS Code gives a command no row while it does (microsoft/vscode#144250).
      const row = workbench.row(/^web,.*image moved/);
      await row.waitFor();
      assert.doesNotMatch((await row.getAttribute('aria-label')) ?? '', /overlay/);

      const noted = await workbench.noteNotifications();
      await workbench.pickFromMenu(row, 'Update as Patch');
      const result = workbench.notification('web is patched');
      await result.waitFor();
      assert.match(
        await result.innerText(),
        /web is patched: a device downloads \d+(\.\d)? kB \(\d\.\d MB with all that is not committed yet\)\. It reboots, because .+\./,
      );
      await workbench
        .row(/^web, base 6\.3 MB, overlay \d+(\.\d)? kB, 0\.\d+ % of the base, up to date/)
        .waitFor();
      await takePictures(workbench, 'patched');

      const percents = (await noted()).flatMap(
        (text) => /Updating web as a patch: (\d+) %/.exec(text)?.[1] ?? [],
      );
      assert.ok(percents.length > 0, 'the progress was shown');
      assert.deepEqual(
        percents,
        percents.toSorted((a, b) => Number(a) - Number(b)),
      );
    });

    flow('shows from the result what the overlay holds', async ({ workbench }) => {
      const result = workbench.notification('web is patched');
      await result.getByRole('button', { name: 'Show Overlay' }).click();
      const page = workbench.webview();
      for (const change of [/index\.html.*changed/, /old\.html.*deleted/]) {
        await page.getByRole('row', { name: change }).waitFor();
      }
      await takePictures(workbench, 'overlay');
    });

    flow('shows a broken app beside healthy ones, which are still built', async ({ device, workbench }) => {
      const manifest = path.join(checkout, 'shop', 'src.json');
      const before = await readFile(manifest, 'utf8');
      await writeFile(manifest, before.slice(0, -20));
      const broken = workbench.row(/^shop,.*contradicts itself/);
      await broken.waitFor();
      await broken.click();
      await workbench.row(/^src\.json, line/).waitFor();
      await takePictures(workbench, 'broken app');

      await device.push('web3', 'web:latest');
      await workbench.pickFromMenu(workbench.row(/^web,.*up to date/), 'Update as Patch');
      await workbench.notification('web is patched').waitFor();
      await writeFile(manifest, before);
      await workbench.row(/^shop, extends web, overlay .*(up to date|not checked yet)/).waitFor();
    });

    flow(
      'lets a second build on the checkout wait, and stops a running one within a second',
      async (given, test) => {
        const { device, workbench } = given;
        await device.push('film', 'cinema:latest');
        const before = await checkoutFiles(path.join(checkout, 'cinema'));
        await workbench.pickFromMenu(workbench.row(/^cinema,/), 'Build New Base');
        const running = workbench.notification('Building a new base of cinema');
        await running.filter({ hasText: 'Compressing' }).waitFor();

        await device.push('web2', 'web:latest');
        await workbench.pickFromMenu(workbench.row(/^web,/), 'Update as Patch');
        const waiting = workbench.notification('Updating web as a patch');
        await waiting.filter({ hasText: 'Waiting for: Building a new base of cinema' }).waitFor();
        await takePictures(workbench, 'building');

        const start = performance.now();
        await running.filter({ hasText: '%' }).getByRole('button', { name: 'Cancel' }).click();
        await workbench.page.getByText('Stopped. The checkout is as it was.').waitFor();
        test.diagnostic(`stopped after ${(performance.now() - start).toFixed(0)} ms`);
        assert.deepEqual(await checkoutFiles(path.join(checkout, 'cinema')), before);

        await workbench.notification('web is patched').waitFor();
        await workbench.row(/^cinema, base 6\.3 MB, up to date/).waitFor();
      },
    );

    flow('removes an app and those that extend it, once that is confirmed', async ({ workbench }) => {
      await writeFile(path.join(checkout, 'shop', 'notes.txt'), 'mine');
      await workbench.pickFromMenu(workbench.row(/^web,/), 'Remove App…');
      await workbench.dialog.getByText('Remove web?').waitFor();
      await workbench.dialog.getByText(/removed with it: shop/).waitFor();
      await workbench.dialog.getByText(/it is not tracked: shop\/notes\.txt/).waitFor();
      await workbench.dialog.getByText(/Nothing was ever committed/).waitFor();
      await takePictures(workbench, 'remove');
      await workbench.dialog.getByRole('button', { name: 'Cancel' }).click();
      await workbench.dialog.waitFor({ state: 'detached' });
      assert.ok((await checkoutFiles(checkout)).has('web/src.json'));

      await workbench.pickFromMenu(workbench.row(/^web,/), 'Remove App…');
      await workbench.dialog.getByRole('button', { name: 'Remove 2 Apps' }).click();
      await workbench.row(/^web,/).waitFor({ state: 'detached' });
      const left = [...(await checkoutFiles(checkout)).keys()].filter((file) => !file.startsWith('.pvr/'));
      assert.ok(
        left.every((file) => file.startsWith('cinema/')),
        left.join(', '),
      );
    });
  },
);
