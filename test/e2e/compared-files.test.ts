import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hashIndexPath } from '../../src/core/checkout/hashes/index-file';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

let checkout: string;

inVSCode(
  'Large files',
  {
    async prepare(device) {
      checkout = await device.makeCheckout('device');
      await device.addApp(checkout, 'web', 'web:latest');
      return checkout;
    },
  },
  (flow) => {
    flow('are compared with the last commit once somebody looks at them', async ({ workbench }) => {
      await workbench.view('Pantavisor');
      await workbench.row(/^web,/).click();
      await workbench.rest();
      await workbench.row(/^Base, 6\.3 MB/).waitFor();
      // Past its base, to its files.
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await workbench.page.keyboard.press(key);
      await workbench.row(/^root\.squashfs, 6\.3 MB · new since the last commit/).waitFor();

      const state = path.join(checkout, '.pvr', 'json');
      const entries = JSON.parse(await readFile(state, 'utf8')) as object;
      // As after a clone: nobody has hashed anything yet.
      await rm(path.join(checkout, hashIndexPath), { force: true });
      const another = '0'.repeat(64);
      await writeFile(state, JSON.stringify({ ...entries, 'web/root.squashfs': another }));
      await workbench.row(/^root\.squashfs, 6\.3 MB · changed since the last commit/).waitFor();
      await takePictures(workbench, 'compared files');
    });
  },
);
