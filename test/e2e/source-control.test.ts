import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkoutFiles } from '../device-view/checkout-files';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

let checkout: string;

inVSCode(
  'Source Control',
  {
    async prepare(device) {
      checkout = await device.makeCheckout('gateway');
      await device.addApp(checkout, 'web', 'web:latest');
      await device.pvx.run(checkout, 'commit', '-m', 'the first one');
      return checkout;
    },
  },
  (flow) => {
    flow('shows nothing where all is committed', async ({ workbench }) => {
      await workbench.view('Source Control');
      await workbench.sideBar.getByText('Nothing has changed since the last commit').waitFor();
      await takePictures(workbench, 'source control clean');
    });

    flow('shows a patch as one change, with what a device downloads', async ({ device, workbench }) => {
      await device.push('web2', 'web:latest');
      await workbench.view('Pantavisor');
      await workbench.pickFromMenu(workbench.row(/^web,/), 'Update as Patch');
      const result = workbench.notification('web is patched');
      await result.getByRole('button', { name: 'Commit…' }).waitFor();
      await workbench.row(/^web, .*not committed/).waitFor();
      await workbench.row(/gateway, 1 change · \d+(\.\d)? kB for a device · 1 app/).waitFor();
      await takePictures(workbench, 'apps not committed');
      await workbench.clearNotifications();

      await workbench.view('Source Control');
      const row = workbench.row(/^web/);
      await row.waitFor();
      await workbench.row(/Changes · \d+(\.\d)? kB for a device/).waitFor();
      await workbench
        .statusItem('pantavisor-checkouts.pantavisor-checkouts.uncommitted')
        .getByText(/1 change · \d+(\.\d)? kB/)
        .waitFor();
      // VS Code shows the path over the row itself, and this over its mark.
      const mark = row.locator('.decoration-icon');
      await workbench.until(async () =>
        ((await mark.getAttribute('title')) ?? '').includes(
          'web/root.ovl.squashfs: new since the last commit',
        ),
      );
      await takePictures(workbench, 'source control patch');
      await workbench.rest();
    });

    flow('shows what changed inside the file systems', async ({ workbench }) => {
      await workbench.row(/^web/).click();
      const page = workbench.editorPage;
      for (const change of [/index\.html.*changed/, /old\.html.*deleted/])
        await page.getByRole('row', { name: change }).waitFor();
      await takePictures(workbench, 'source control inside');
      await workbench.closeEditors();
    });

    flow('commits with the message that was typed, by keyboard alone', async ({ workbench }) => {
      await workbench.inHost(async (vscode) => {
        await vscode.commands.executeCommand('workbench.scm.focus');
      });
      const box = workbench.sideBar.locator('.scm-editor .monaco-editor').first();
      await box.click();
      await workbench.page.keyboard.type('the second page');
      await workbench.page.keyboard.press('Control+Enter');
      await workbench.notification(/Committed \d+ files of gateway/).waitFor();
      await workbench.sideBar.getByText('Nothing has changed since the last commit').waitFor();
      assert.equal(await readFile(path.join(checkout, '.pvr/commitmsg'), 'utf8'), 'the second page');
      await workbench.clearNotifications();
    });

    flow('compares JSON by what it says, and discards what a person did', async ({ workbench }) => {
      const file = path.join(checkout, 'web', 'run.json');
      const before = await readFile(file, 'utf8');
      const manifest = JSON.parse(before) as Record<string, unknown>;
      await writeFile(file, JSON.stringify({ ...manifest, restart_policy: 'container' }));
      const row = workbench.row(/^run\.json/);
      await row.click();
      await workbench.editorTab(/Last Commit ↔ Now, Keys Sorted/).waitFor();
      const inserted = workbench.page.locator('.part.editor .modified-in-monaco-diff-editor .view-line');
      await inserted.filter({ hasText: 'restart_policy' }).waitFor();
      await takePictures(workbench, 'source control json');

      await workbench.pickFromMenu(row, 'Discard Changes…');
      await workbench.dialog
        .getByText(/Lost are the changes since the last commit of: web\/run\.json/)
        .waitFor();
      await takePictures(workbench, 'discard');
      await workbench.dialog.getByRole('button', { name: 'Discard Change' }).click();
      await row.waitFor({ state: 'detached' });
      assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), manifest);
      await workbench.closeEditors();
    });

    flow('marks in the gutter of an editor what differs from the commit', async ({ workbench }) => {
      const file = path.join(checkout, 'web', 'lxc.container.conf');
      await writeFile(file, `${await readFile(file, 'utf8')}lxc.uts.name = mine\n`);
      await workbench.row(/^lxc\.container\.conf/).waitFor();
      await workbench.inHost(async (vscode, name) => {
        await vscode.window.showTextDocument(vscode.Uri.file(name));
      }, file);
      await workbench.page.locator('.part.editor .dirty-diff-glyph').first().waitFor();
      await workbench.closeEditors();
      await workbench.pickFromMenu(workbench.row(/^lxc\.container\.conf/), 'Discard Changes…');
      await workbench.dialog.getByRole('button', { name: 'Discard Change' }).click();
      await workbench.row(/^lxc\.container\.conf/).waitFor({ state: 'detached' });
    });

    flow('adds what is not tracked, and leaves it out again', async ({ workbench }) => {
      const file = path.join(checkout, 'web', 'services.json');
      await writeFile(file, '{}');
      await workbench.row(/Not Tracked/).waitFor();
      const row = workbench.row(/^services\.json/);
      await workbench.pickFromMenu(row, 'Add to Commits');
      await workbench.row(/Not Tracked/).waitFor({ state: 'detached' });
      assert.match(await readFile(path.join(checkout, '.pvr/new'), 'utf8'), /web\/services\.json/);
      await workbench.pickFromMenu(row, 'Stop Tracking');
      await workbench.row(/Not Tracked/).waitFor();
      await workbench.pickFromMenu(row, 'Add to Commits');
      await workbench.row(/Not Tracked/).waitFor({ state: 'detached' });
    });

    flow('names a broken file, and commits nothing before it is mended', async ({ workbench }) => {
      const file = path.join(checkout, 'web', 'services.json');
      await writeFile(file, '{');
      await workbench.row(/^services\.json/).waitFor();
      await workbench.typeCommand('Pantavisor: Commit…');
      await workbench.page.keyboard.type('broken');
      await workbench.page.keyboard.press('Enter');
      await workbench.notification(/Committing web\/services\.json/).waitFor();
      await takePictures(workbench, 'source control broken');
      await workbench.clearNotifications();
      await writeFile(file, '{"#spec":"service-manifest-xconnect@1","services":[]}');
      await workbench.typeCommand('Pantavisor: Commit…');
      await workbench.quickInput.waitFor();
      await workbench.page.keyboard.type('mended');
      await workbench.page.keyboard.press('Enter');
      await workbench.notification(/Committed 1 file of gateway/).waitFor();
      await workbench.clearNotifications();
    });

    flow('signs again with a key that is asked for once', async ({ device, workbench }) => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const folder = path.join(device.home, '.pvr', 'pvs');
      await mkdir(folder, { recursive: true });
      const key = path.join(folder, 'key.default.pem');
      await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await device.pvx.run(checkout, 'sig', 'add', '--key', key, '--x5c', 'no', '--part', 'web');
      await device.pvx.run(checkout, 'commit', '-m', 'signed');
      await device.push('web3', 'web:latest');
      await workbench.view('Pantavisor');
      await workbench.pickFromMenu(workbench.row(/^web,/), 'Update as Patch');
      const result = workbench.notification('web is patched');
      await result.getByRole('button', { name: 'Sign Again…' }).click();
      await workbench.dialog.getByRole('button', { name: 'Commit and Sign' }).click();
      await workbench.quickOption(/pvr’s Default Key/).click();
      await workbench.notification(/Signed again, and committed: _sigs\/web\.json/).waitFor();
      assert.match(
        await device.pvx.run(checkout, 'sig', 'ls', '--pubkey', await publicHalf(device.home, key)),
        /web/,
      );
      await workbench.clearNotifications();
    });

    flow('exports what was committed', async ({ workbench }) => {
      await workbench.typeCommand('Pantavisor: Export Last Commit…');
      await workbench.quickInput.waitFor();
      await workbench.page.keyboard.press('Enter');
      await workbench.notification(/Exported \d+ files to .*gateway\.tgz/).waitFor();
      const files = await checkoutFiles(path.dirname(checkout));
      assert.ok(files.has('gateway.tgz'));
    });
  },
);

inVSCode(
  'Source Control beside git',
  {
    async prepare(device) {
      checkout = await device.makeCheckout('gateway');
      await device.addApp(checkout, 'web', 'web:latest');
      execFileSync('git', ['init', '--quiet'], { cwd: checkout });
      return checkout;
    },
    settings: () => ({ 'git.enabled': true }),
  },
  (flow) => {
    flow('shows to each what is its own', async ({ workbench }) => {
      await workbench.view('Source Control');
      await workbench.row(/gateway.*Git/).waitFor();
      await workbench.row(/gateway.*Pantavisor/).waitFor();
      await workbench.row(/Changes · \d+(\.\d)? MB for a device/).waitFor();
      await takePictures(workbench, 'source control beside git');
    });
  },
);

async function publicHalf(home: string, key: string): Promise<string> {
  const { createPublicKey } = await import('node:crypto');
  const file = path.join(home, 'pub.pem');
  const pem = createPublicKey(await readFile(key)).export({ type: 'spki', format: 'pem' });
  await writeFile(file, pem);
  return file;
}
