import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workbench } from '../vscode/workbench';
import { seriousViolations } from './accessibility';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

let folder: string;

inVSCode(
  'Files in images',
  {
    async prepare(device) {
      folder = device.folder;
      const checkout = await device.makeCheckout('device');
      await device.addApp(checkout, 'web', 'web:latest');
      await device.push('web2', 'web:latest');
      await device.pvx.run(checkout, 'app', 'update', 'web', '--patch');
      // A window of one folder would start anew when it gets a second one, and VS Code loses both now and then.
      const workspace = path.join(device.workspace, 'device.code-workspace');
      await writeFile(workspace, JSON.stringify({ folders: [{ path: 'device' }] }));
      return workspace;
    },
    settings: () => ({ 'pantavisor.checkInterval': 0, 'files.simpleDialog.enable': true }),
  },
  (flow) => {
    flow('makes an image a folder of the workspace', async ({ workbench }) => {
      await workbench.view('Pantavisor');
      await workbench.pickFromMenu(workbench.row(/^web,/), 'Add Image to Workspace');
      await workbench.view('Explorer');
      await unfold(workbench, /^web as the device sees it/, /^etc$/);
      await workbench.row(/^etc$/).click();
      await workbench.row(/^web\.conf/).dblclick();
      await showsLines(workbench, '.editor-instance', 'listen 80');
      await takePictures(workbench, 'image in the workspace');
      await workbench.closeEditors();
    });

    flow('opens a changed file side by side by a double click on its row', async ({ workbench }) => {
      await workbench.view('Pantavisor');
      await workbench.pickFromMenu(workbench.row(/^web,/), 'Show Overlay Contents');
      await workbench.editorPage.getByRole('row', { name: /index\.html.*changed/ }).dblclick();
      await workbench.editorTab(/^index\.html \(web base ↔ web overlay\)/).waitFor();
      await showsLines(workbench, '.monaco-diff-editor .original', '<h1>one</h1>');
      await showsLines(workbench, '.monaco-diff-editor .modified', '<h1>two</h1>');
      await takePictures(workbench, 'diff of a row');
    });

    flow('opens what is deleted as it was, by keyboard alone', async ({ workbench }) => {
      const { keyboard } = workbench.page;
      await workbench.editorTab(/^web overlay/).click();
      const page = workbench.editorPage;
      await page.getByRole('row', { name: /old\.html.*deleted/ }).click();
      await keyboard.press('Enter');
      await workbench.editorTab(/^old\.html/).waitFor();
      await showsLines(workbench, '.editor-instance', '<h1>old</h1>');
    });

    flow('offers in the context menu of a row what can be done with it', async ({ workbench }) => {
      await workbench.editorTab(/^web overlay/).click();
      const row = workbench.editorPage.getByRole('row', { name: /index\.html.*changed/ });
      await row.waitFor();
      await workbench.pickFromMenu(row, 'Open as It Was Before');
      await workbench.editorTab(/^index\.html(?! \()/).waitFor();
      await showsLines(workbench, '.editor-instance', '<h1>one</h1>');

      await workbench.editorTab(/^web overlay/).click();
      await row.waitFor();
      await workbench.pickFromMenu(row, 'Save a Copy…');
      const target = path.join(folder, 'copy.html');
      // The dialog writes what it proposes into the field itself, and perhaps over what was typed before.
      await workbench.until(async () => (await workbench.quickInput.inputValue()).endsWith('index.html'));
      await workbench.until(async () => {
        await workbench.quickInput.fill(target);
        await delay(500);
        return (await workbench.quickInput.inputValue()) === target;
      });
      await workbench.until(async () => {
        if (await workbench.quickInput.isVisible()) await workbench.page.keyboard.press('Enter');
        return (await readFile(target, 'utf8').catch(() => '')) === '<h1>two</h1>\n';
      });
      await workbench.closeEditors();
    });

    flow('opens a SquashFS file from the Explorer, and says what it is', async ({ workbench }) => {
      await workbench.view('Explorer');
      await unfold(workbench, /^web$/, /^root\.squashfs$/);
      await workbench.row(/^root\.squashfs$/).dblclick();
      const page = workbench.editorPage;
      await page.getByRole('heading', { name: 'root.squashfs' }).waitFor();
      await page.getByText('Properties', { exact: true }).click();
      await page.getByText('131,072 bytes').waitFor();
      await page.getByRole('row', { name: /libbig\.so/ }).waitFor();
      await takePictures(workbench, 'squashfs file', async ({ webviewClass }) => {
        await page.locator(`body.${webviewClass}`).waitFor();
        assert.deepEqual(await seriousViolations(page), [], webviewClass);
      });
      await page.getByRole('row', { name: /web\.conf/ }).dblclick();
      await showsLines(workbench, '.editor-instance', 'listen 80');
      await workbench.closeEditors();
    });

    flow('compares any two, and all texts of an overlay with its base', async ({ workbench }) => {
      await workbench.view('Pantavisor');
      await workbench.pickFromMenu(workbench.row(/^web,/), 'Compare Images…');
      await workbench.quickOption(/^web base/).click();
      const page = workbench.editorPage;
      await page.getByRole('row', { name: /old\.html.*added/ }).waitFor();
      await page.getByRole('row', { name: /index\.html.*changed/ }).waitFor();
      assert.deepEqual(await seriousViolations(page), []);
      await workbench.closeEditors();

      await workbench.pickFromMenu(workbench.row(/^web,/), 'Compare with Base');
      await workbench.editorTab(/^web ↔ its base/).waitFor();
      await workbench.page.locator('.multiDiffEntry').first().waitFor();
      await takePictures(workbench, 'all changes');
      await workbench.closeEditors();
    });

    flow('finds a text in an image while it is typed', async ({ workbench }) => {
      await workbench.pickFromMenu(workbench.row(/^web,/), 'Search in Image…');
      await workbench.quickInput.fill('H1>two');
      await workbench.quickOption('Nothing was found.').waitFor();
      await workbench.quickInput.fill('h1>two');
      await workbench.quickOption(/\/www\/index\.html:1/).click();
      await workbench.editorTab(/^index\.html/).waitFor();
      await showsLines(workbench, '.editor-instance', '<h1>two</h1>');
      await workbench.closeEditors();
    });
  },
);

/** Waits until an editor shows a line. */
async function showsLines(workbench: Workbench, editor: string, line: string): Promise<void> {
  const part = workbench.page.locator(`.part.editor ${editor}`).first();
  await workbench.until(async () => (await workbench.lines(part)).includes(line));
}

/** Unfolds a folder of the Explorer until `child` is to be seen; VS Code may unfold it by itself, a little later. */
async function unfold(workbench: Workbench, folderName: RegExp, child: RegExp): Promise<void> {
  const row = workbench.row(folderName);
  await row.waitFor();
  const wanted = workbench.row(child);
  await workbench.until(async () => {
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
    await wanted.waitFor({ timeout: 3000 }).catch(() => undefined);
    return wanted.isVisible();
  });
}
