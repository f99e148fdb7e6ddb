import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { FrameLocator } from 'playwright-core';
import { grown, releases } from '../vscode/device';
import type { Workbench } from '../vscode/workbench';
import { seriousViolations } from './accessibility';
import { inVSCode } from './in-vscode';
import { takePictures } from './pictures';

/** What a page tried to do that its policy forbids. */
const refused: string[] = [];

inVSCode(
  'Pages',
  {
    releases: () => ({ grown: grown(releases.web1) }),
    async prepare(device) {
      const checkout = await device.makeCheckout('device');
      await device.addApp(checkout, 'web', 'web:latest');
      await device.addApp(checkout, 'shop', 'shop:latest', '--base', 'web');
      await device.push('web2', 'web:latest');
      await device.pvx.run(checkout, 'app', 'update', 'web', '--patch');
      return checkout;
    },
    settings: () => ({ 'pantavisor.checkInterval': 0 }),
  },
  (flow) => {
    flow('shows in the size dashboard what each app weighs', async ({ workbench }) => {
      workbench.page.on('console', (message) => {
        if (/content security policy/i.test(message.text())) refused.push(message.text());
      });
      await workbench.view('Pantavisor');
      await workbench.row(/^web,/).waitFor();
      await workbench.unfoldView('Sizes');
      const sizes = workbench.sidePage;
      await sizes.getByRole('button', { name: /^web 6\.3 MB/ }).waitFor();
      await sizes.getByRole('button', { name: /^Overlay of web \+ / }).waitFor();
      await sizes.getByRole('button', { name: /^shop \d/ }).waitFor();
    });

    flow('follows in the dashboard what is built', async ({ device, workbench }) => {
      await device.push('grown', 'web:latest');
      await workbench.pickFromMenu(workbench.row(/^web,/), 'Update as Patch');
      await workbench.notification('web is patched').waitFor();
      await workbench.clearNotifications();
      const overlay = workbench.sidePage.getByRole('button', { name: /^Overlay of web / });
      await overlay.filter({ hasText: 'A new base is recommended' }).waitFor();
      assert.match((await overlay.getAttribute('title')) ?? '', /The last 2 builds: /);
      await lookAt(workbench, workbench.sidePage, 'sizes');
    });

    flow('goes from the dashboard to the app and to its overlay', async ({ workbench }) => {
      const sizes = workbench.sidePage;
      await sizes.getByRole('button', { name: /^shop \d/ }).click();
      await workbench.until(async () => (await isSelected(workbench, /^shop,/)) === 'true');
      await sizes.getByRole('button', { name: /^Overlay of shop / }).click();
      await workbench.editorTab('shop overlay').waitFor();
      const page = workbench.editorPage;
      await page.getByRole('row', { name: /shop\.html.*added/ }).waitFor();
      await page.getByText(/^The overlay weighs .* of the base of web: that is little\.$/).click();
      await page.getByText(/^Build the image of shop FROM that of web \(localhost.*\)/).waitFor();
      await page.getByRole('button', { name: 'Build New Base of web' }).waitFor();
      await workbench.closeEditors();
    });

    flow('opens an overlay’s page from the tree, sorts and filters it', async ({ workbench }) => {
      await workbench.pickFromMenu(workbench.row(/^web,/), 'Show Overlay Contents');
      const page = workbench.editorPage;
      await page.getByRole('row', { name: /index\.html.*changed/ }).waitFor();
      await page.getByText('A new base is recommended').first().waitFor();
      await lookAt(workbench, page, 'overlay page');

      assert.deepEqual(await names(page), ['data/', 'more.bin', 'www/', 'index.html', 'old.html']);
      await page.getByRole('columnheader', { name: 'Name', exact: true }).getByRole('button').click();
      await page.getByRole('columnheader', { name: 'Name', exact: true }).getByRole('button').click();
      assert.deepEqual(await names(page), ['www/', 'old.html', 'index.html', 'data/', 'more.bin']);

      await page.getByRole('textbox', { name: 'Filter by path' }).fill('HTML');
      await page
        .getByRole('status')
        .getByText(/^2 of 4 entries/)
        .waitFor();
      assert.deepEqual(await names(page), ['www/', 'old.html', 'index.html']);
      await page.getByRole('combobox', { name: 'Show only one kind of change' }).click();
      await page.getByRole('option', { name: 'deleted' }).click();
      await page
        .getByRole('status')
        .getByText(/^1 of 4 entries/)
        .waitFor();
      assert.deepEqual(await names(page), ['www/', 'old.html']);
      await page.getByRole('textbox', { name: 'Filter by path' }).fill('nowhere');
      await page.getByText('Nothing matches the filter.').waitFor();
      await page.getByRole('textbox', { name: 'Filter by path' }).fill('');
      await page.getByRole('combobox', { name: 'Show only one kind of change' }).click();
      await page.getByRole('option', { name: 'All' }).click();
      await page
        .getByRole('status')
        .getByText(/^4 entries/)
        .waitFor();
    });

    flow('looks the same when another editor was in front of it', async ({ workbench }) => {
      const page = workbench.editorPage;
      await page.getByRole('columnheader', { name: 'Size', exact: true }).getByRole('button').click();
      await page.getByRole('row', { name: /^www\// }).click();
      assert.deepEqual(await names(page), ['data/', 'more.bin', 'www/']);
      await workbench.inHost(async ({ commands }) => {
        await commands.executeCommand('workbench.action.files.newUntitledFile');
        await commands.executeCommand('workbench.action.closeActiveEditor');
      });
      await page.getByRole('columnheader', { name: 'Size', exact: true }).waitFor();
      await page.getByRole('row', { name: /more\.bin/ }).waitFor();
      assert.deepEqual(await names(page), ['data/', 'more.bin', 'www/']);
      await page.getByRole('row', { name: /^www\// }).click();
    });

    flow('shows what weighs as a map', async ({ workbench }) => {
      const page = workbench.editorPage;
      await page.getByRole('button', { name: 'Treemap' }).click();
      await page.getByRole('treeitem', { name: /^data\/, / }).waitFor();
      await page.getByRole('treeitem', { name: /^more\.bin, .*added/ }).waitFor();
      await lookAt(workbench, page, 'overlay map');
      await page.getByRole('treeitem', { name: /^data\/, / }).press('Enter');
      await page.getByRole('treeitem', { name: /^www\/, / }).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: '/', exact: true }).click();
      await page.getByRole('treeitem', { name: /^data\/, / }).waitFor();
      await page.getByRole('button', { name: 'Kind of File' }).click();
      await lookAt(workbench, page, 'overlay map by kind');
      await page.getByRole('button', { name: 'Table' }).click();
    });

    flow('groups what is there by package, in table and map', async ({ workbench }) => {
      const page = workbench.editorPage;
      await page.getByRole('button', { name: 'Group by Package' }).click();
      await page.getByRole('row', { name: /web-site/ }).click();
      await workbench.page.keyboard.press('ArrowRight');
      await page.getByRole('row', { name: /\/www\/index\.html.*changed/ }).waitFor();
      await lookAt(workbench, page, 'packages');
      await page.getByRole('button', { name: 'Treemap' }).click();
      await page.getByRole('treeitem', { name: /^No package, / }).waitFor();
      await page.getByRole('button', { name: 'Table' }).click();
      await page.getByRole('button', { name: 'Group by Folder' }).click();
      await page.getByRole('row', { name: /^www\// }).waitFor();
    });

    flow('shows base and device as well', async ({ workbench }) => {
      const page = workbench.editorPage;
      await page.getByRole('tab', { name: 'Base' }).click();
      await page.getByRole('row', { name: /libbig\.so/ }).waitFor();
      assert.deepEqual(await seriousViolations(page), []);
      await page.getByRole('tab', { name: 'As the Device Sees It' }).click();
      await page.getByRole('row', { name: /more\.bin.*Overlay/ }).waitFor();
      await workbench.closeEditors();
    });

    flow('does all of that by keyboard alone', async ({ workbench }) => {
      const { keyboard } = workbench.page;
      await workbench.typeCommand('Pantavisor: Show Overlay Contents');
      await workbench.quickOption(/web:latest/).waitFor();
      await keyboard.type('web');
      await keyboard.press('Enter');
      const page = workbench.editorPage;
      await page.getByRole('row', { name: /index\.html.*changed/ }).waitFor();
      await tabTo(workbench, page, 'INPUT, VSCODE-TEXT-FIELD');
      await keyboard.type('html');
      await page
        .getByRole('status')
        .getByText(/^2 of 4 entries/)
        .waitFor();
      await tabTo(workbench, page, '[role=treegrid]');
      await keyboard.press('ArrowDown');
      await keyboard.press('ArrowDown');
      const active = page.locator('[role=row][aria-selected=true]');
      assert.match(await active.innerText(), /old\.html/);
      await keyboard.press('ArrowLeft');
      await keyboard.press('ArrowLeft');
      assert.equal(await active.getAttribute('aria-expanded'), 'false');

      await workbench.typeCommand('Focus on Sizes View');
      const sizes = workbench.sidePage;
      await sizes.getByRole('button').first().focus();
      await keyboard.press('Home');
      await keyboard.press('ArrowDown');
      await keyboard.press('ArrowDown');
      await keyboard.press('Enter');
      await workbench.until(async () => (await isSelected(workbench, /^shop,/)) === 'true');
    });

    flow('builds a new base from its advice, which is gone then', async ({ workbench }) => {
      const page = workbench.editorPage;
      await page.getByRole('textbox', { name: 'Filter by path' }).fill('');
      await page.getByRole('button', { name: 'Build New Base' }).click();
      await workbench.notification(/web has a new base/).waitFor();
      await page
        .getByText(/new base/i)
        .first()
        .waitFor({ state: 'detached' });
      await workbench.sidePage
        .getByRole('button', { name: /^Overlay of web / })
        .waitFor({ state: 'detached' });
      await workbench.sidePage.getByRole('button', { name: /^web 1\d MB/ }).waitFor();
    });

    flow('weighs a patch in other formats before it is built', async ({ device, workbench }) => {
      await device.push('web2', 'web:latest');
      await workbench.pickFromMenu(workbench.row(/^web,/), 'Preview Patch');
      const page = workbench.editorPage;
      await page.getByText(/^It would weigh /).waitFor();
      await page.getByRole('button', { name: 'Compare Formats' }).click();
      await page.getByRole('rowheader', { name: '-comp xz -b 1M', exact: true }).waitFor();
      await lookAt(workbench, page, 'formats');
      await workbench.closeEditors();
    });

    flow('does nothing that the pages’ own policy forbids', () => {
      assert.deepEqual(refused, []);
      return Promise.resolve();
    });
  },
);

/** Pictures of a page in a theme of each kind, and what axe says in each. */
async function lookAt(workbench: Workbench, page: FrameLocator, name: string): Promise<void> {
  await takePictures(workbench, name, async ({ webviewClass }) => {
    await page.locator(`body.${webviewClass}`).waitFor();
    for (let looks = 1; !(await haveThemeColours(page)); looks += 1) {
      assert.ok(looks < 100, `controls do not take the colours of ${webviewClass}`);
      await delay(100);
    }
    assert.deepEqual(await seriousViolations(page), [], webviewClass);
  });
}

/** Whether the controls of a page, as far as it has any, have the background that the theme gives them. */
function haveThemeColours(page: FrameLocator): Promise<boolean> {
  return page.locator('body').evaluate((body) => {
    const probe = body.appendChild(document.createElement('i'));
    probe.style.backgroundColor = 'var(--vscode-input-background)';
    const wanted = getComputedStyle(probe).backgroundColor;
    probe.remove();
    const fields = [...body.querySelectorAll('vscode-text-field')];
    const roots = fields.map((field) => field.shadowRoot?.querySelector('.root') ?? field);
    return roots.every((root) => getComputedStyle(root).backgroundColor === wanted);
  });
}

/** What stands in the rows' first column, from the top down. */
async function names(page: FrameLocator): Promise<readonly string[]> {
  const cells = await page.locator('[role=row] .name .words').allInnerTexts();
  return cells;
}

function isSelected(workbench: Workbench, name: RegExp): Promise<string | null> {
  return workbench.row(name).getAttribute('aria-selected');
}

/** Presses Tab until an element of a page has the focus. */
async function tabTo(workbench: Workbench, page: FrameLocator, selector: string): Promise<void> {
  for (let presses = 0; presses < 30; presses += 1) {
    if ((await page.locator(`:is(${selector}):focus`).count()) > 0) return;
    await workbench.page.keyboard.press('Tab');
  }
  throw new Error(`Tab leads to no ${selector}`);
}
