import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import type * as vscodeApi from 'vscode';
import type { VSCodeServer } from './server';

/** As long as anything may take on a busy machine; the first start takes longest. */
const startTimeout = 120_000;
const actionTimeout = 60_000;

/** A VS Code window in a browser; its selectors hold from 1.100 to 1.139. */
export class Workbench {
  /** What went wrong in the page's own scripts. */
  readonly errors: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly server: VSCodeServer,
  ) {
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  static async open(
    browser: Browser,
    server: VSCodeServer,
    size = { width: 1280, height: 800 },
  ): Promise<Workbench> {
    const context = await browser.newContext({
      viewport: size,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(actionTimeout);
    const workbench = new Workbench(await context.newPage(), server);
    await workbench.page.goto(server.url(), { waitUntil: 'commit' });
    await workbench.#isReady();
    return workbench;
  }

  #isReady(): Promise<void> {
    return this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: startTimeout });
  }

  /** Opens another folder in the same window. */
  async openFolder(folder: string): Promise<void> {
    await this.page.goto(this.server.url({}, folder), { waitUntil: 'commit' });
    await this.#isReady();
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  /** Shows a view container of the activity bar. */
  async view(title: string): Promise<Locator> {
    const tab = this.page.locator('.part.activitybar').getByRole('tab', { name: new RegExp(`^${title}`) });
    await tab.waitFor({ timeout: startTimeout });
    const isSelected = async () => (await tab.getAttribute('aria-selected')) === 'true';
    if (!(await isSelected())) {
      await tab.click();
      await this.until(isSelected);
    }
    await this.rest();
    return this.sideBar;
  }

  /** Points at nothing, so that no hover hides what comes. */
  rest(): Promise<void> {
    return this.page.mouse.move(640, 400);
  }

  get sideBar(): Locator {
    return this.page.locator('.part.sidebar');
  }

  /** A row of the tree in the side bar. */
  row(name: string | RegExp): Locator {
    return this.sideBar.getByRole('treeitem', { name });
  }

  /** The names of rows, from the top down; their elements are in no order. */
  async rowNames(name: RegExp): Promise<readonly string[]> {
    const rows = await this.row(name).all();
    const named = await Promise.all(
      rows.map(async (row) => ({
        index: Number(await row.getAttribute('data-index')),
        name: (await row.getAttribute('aria-label')) ?? '',
      })),
    );
    return named.sort((a, b) => a.index - b.index).map((row) => row.name);
  }

  /** Opens a context menu and picks an item. A refresh of what lies below closes the menu: then once more. */
  async pickFromMenu(target: Locator, item: string): Promise<void> {
    // An item's own name ends with its keys.
    const label = this.page.getByText(item, { exact: true });
    const entry = this.page.getByRole('menuitem').filter({ has: label });
    for (let attempt = 1; ; attempt += 1) {
      await target.click({ button: 'right' });
      try {
        await entry.waitFor({ timeout: 5_000 });
        // VS Code ignores a mouse button that goes up in the first moment of a menu.
        await delay(150);
        await entry.click({ timeout: 5_000 });
        await entry.waitFor({ state: 'detached', timeout: 5_000 });
        return;
      } catch (error) {
        if (attempt === 4) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** The labels of a context menu's items. */
  async menuItems(target: Locator): Promise<string[]> {
    await target.click({ button: 'right' });
    const items = this.page.getByRole('menu').last().getByRole('menuitem');
    await items.first().waitFor();
    await delay(150);
    const labels = await Promise.all((await items.all()).map((item) => item.innerText()));
    await this.page.keyboard.press('Escape');
    await items.first().waitFor({ state: 'detached' });
    return labels.map((label) => label.trim());
  }

  /** Runs a command from the palette. */
  async runCommand(title: string): Promise<void> {
    await this.#findCommand(title);
    await this.quickOption(title).first().click();
  }

  /** The same by keyboard alone. */
  async typeCommand(title: string): Promise<void> {
    await this.#findCommand(title);
    await this.page.keyboard.press('Enter');
  }

  /** Right after the start the key may be lost, and the palette may not know all commands: then once more. */
  async #findCommand(title: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await this.page.keyboard.press('F1');
      try {
        await this.quickInput.waitFor({ timeout: 5_000 });
        await this.page.keyboard.type(title);
        await this.quickOption(title).first().waitFor({ timeout: 5_000 });
        return;
      } catch (error) {
        if (attempt === 6) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:not([style*="display: none"]) .quick-input-box input');
  }

  /** With its step: `Add App (1/6)`. */
  quickTitle(title: string): Locator {
    return this.page.locator('.quick-input-title').getByText(title, { exact: true });
  }

  quickOption(name: string | RegExp): Locator {
    return this.page.locator('.quick-input-widget').getByRole('option', { name });
  }

  /** What a quick input says is wrong with what was typed. */
  get quickMessage(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-message');
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text });
  }

  clearNotifications(): Promise<void> {
    return this.inHost(async (vscode) => {
      await vscode.commands.executeCommand('notifications.clearAll');
    });
  }

  /**
   * Takes down what notifications show from now on, also what is there too short to be waited for.
   *
   * @returns what tells the texts up to then.
   */
  async noteNotifications(): Promise<() => Promise<readonly string[]>> {
    const texts = await this.page.evaluateHandle<string[]>(noteTexts);
    return () => texts.jsonValue();
  }

  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** An item of the status bar, by its extension's id and its own. */
  statusItem(id: string): Locator {
    return this.page.locator(`[id="${id}"]`);
  }

  editorTab(name: string | RegExp): Locator {
    return this.page.locator('.part.editor').getByRole('tab', { name });
  }

  /** The content of a webview, counted from 0 in the order in which they were opened. */
  webview(index = 0): FrameLocator {
    return this.page.locator('iframe.webview.ready').nth(index).contentFrame().frameLocator('#active-frame');
  }

  /** The content of the webview in the editor that is shown. */
  get editorPage(): FrameLocator {
    return this.#page(':not([src*="purpose=webviewView"])');
  }

  /** The content of the webview in the side bar. */
  get sidePage(): FrameLocator {
    return this.#page('[src*="purpose=webviewView"]');
  }

  #page(condition: string): FrameLocator {
    const frame = this.page.locator(`iframe.webview.ready${condition}:visible`);
    return frame.contentFrame().frameLocator('#active-frame');
  }

  /** A view of the side bar, with its header. */
  pane(title: string): Locator {
    const header = this.page.getByRole('button', { name: `${title} Section` });
    return this.sideBar.locator('.pane').filter({ has: header });
  }

  /** Unfolds a view of the side bar. */
  async unfoldView(title: string): Promise<void> {
    const header = this.sideBar.getByRole('button', { name: `${title} Section` });
    await header.waitFor();
    if ((await header.getAttribute('aria-expanded')) !== 'true') await header.click();
    await this.rest();
  }

  closeEditors(): Promise<void> {
    return this.inHost(async (vscode) => {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });
  }

  /** The visible lines of editors or output; Monaco writes spaces as no-break spaces. */
  async lines(part: Locator): Promise<string[]> {
    const lines = await part.locator('.view-line').allInnerTexts();
    return lines.map((line) => line.replaceAll('\u00a0', ' '));
  }

  /** Runs a function inside the extension host, with what VS Code's API offers there; all values go as JSON. */
  async inHost<Result, Argument = undefined>(
    run: (vscode: typeof vscodeApi, argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result> {
    const request = `${JSON.stringify({ code: run.toString(), argument })}\n`;
    for (const end = Date.now() + startTimeout; ;) {
      try {
        const answer = JSON.parse(await this.#askBridge(request)) as { value: Result; error?: string };
        if (answer.error !== undefined) throw new Error(answer.error);
        return answer.value;
      } catch (error) {
        const isNotListening = error instanceof Error && 'code' in error;
        if (!isNotListening || Date.now() > end) throw error;
        await delay(100);
      }
    }
  }

  async #askBridge(request: string): Promise<string> {
    const socket = connect(this.server.bridge);
    socket.write(request);
    return text(socket);
  }

  setting(key: string, value: unknown): Promise<void> {
    return this.inHost(
      async (vscode, [name, wanted]) => {
        const configuration = vscode.workspace.getConfiguration();
        await configuration.update(name, wanted, vscode.ConfigurationTarget.Global);
      },
      [key, value] as const,
    );
  }

  async useTheme({ name, workbenchClass }: Theme): Promise<void> {
    await this.setting('workbench.colorTheme', name);
    await this.page.locator(`.monaco-workbench.${workbenchClass}`).waitFor();
  }

  /** Waits for what no locator can express. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + actionTimeout; !(await holds());) {
      if (Date.now() > end) throw new Error(`did not come true: ${holds.toString()}`);
      await delay(50);
    }
  }

  async screenshot(file: string): Promise<void> {
    await this.page.screenshot({ path: file });
  }
}

/** Runs in the page. */
const noteTexts = `(() => {
  const texts = [];
  new MutationObserver(() => {
    for (const message of document.querySelectorAll('.notification-list-item-message')) {
      if (message.textContent !== texts.at(-1)) texts.push(message.textContent);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
  return texts;
})()`;

export interface Theme {
  readonly name: string;
  /** What marks the workbench in this kind of theme. */
  readonly workbenchClass: string;
  /** What the body of a webview is marked with. */
  readonly webviewClass: string;
}

/** One of each kind that there is. */
export const themes: Readonly<Record<'dark' | 'light' | 'high-contrast' | 'high-contrast-light', Theme>> = {
  dark: { name: 'Default Dark Modern', workbenchClass: 'vs-dark', webviewClass: 'vscode-dark' },
  light: { name: 'Default Light Modern', workbenchClass: 'vs', webviewClass: 'vscode-light' },
  'high-contrast': {
    name: 'Default High Contrast',
    workbenchClass: 'hc-black',
    webviewClass: 'vscode-high-contrast',
  },
  'high-contrast-light': {
    name: 'Default High Contrast Light',
    workbenchClass: 'hc-light',
    webviewClass: 'vscode-high-contrast-light',
  },
};
