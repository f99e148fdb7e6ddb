import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Tagged } from '../image-maker/oci-layout';
import { launchBrowser } from '../vscode/browser';
import { DeviceProject } from '../vscode/device';
import { extensionPackage } from '../vscode/extension-package';
import { startServer, versionUnderTest, type VSCodeServer } from '../vscode/server';
import { Workbench } from '../vscode/workbench';
import { extensionLog, hostErrors } from './logs';
import { pictureFile } from './pictures';

export interface Given {
  readonly device: DeviceProject;
  readonly workbench: Workbench;
  readonly server: VSCodeServer;
}

export interface Setting {
  /** Releases beside the device project's own. */
  readonly releases?: () => Readonly<Record<string, Tagged>>;
  /** Makes checkouts before VS Code starts. Answers what to open, where that isn't the project's workspace. */
  prepare(device: DeviceProject): Promise<string | undefined>;
  /** Asked for when all is prepared. */
  readonly settings?: () => Readonly<Record<string, unknown>>;
  readonly isUntrusted?: boolean;
  /** Variables of VS Code's own process; asked for when all is prepared. */
  readonly env?: () => Readonly<Record<string, string>>;
}

/** Something that a person does. Flows of a file run one after the other in the same window. */
export type Flow = (name: string, run: (given: Given, test: TestContext) => Promise<void>) => void;

/** Flows in a real VS Code with the installed package. That nothing went wrong unseen is the last thing that is tested. */
export function inVSCode(title: string, setting: Setting, define: (flow: Flow) => void): void {
  const version = versionUnderTest();
  describe(`${title} (${version} VS Code)`, () => {
    const undo: (() => Promise<unknown>)[] = [];
    let given: Given | undefined;

    before(async () => {
      const device = await DeviceProject.start(setting.releases?.());
      undo.push(() => device.stop());
      const workspace = (await setting.prepare(device)) ?? device.workspace;
      const server = await startServer({
        version,
        vsix: [extensionPackage],
        workspace,
        isUntrusted: setting.isUntrusted ?? false,
        settings: { ...apart(device), ...setting.settings?.() },
        env: { HOME: device.home, ...setting.env?.() },
      });
      undo.push(() => server.stop());
      const browser: Browser = await launchBrowser();
      undo.push(() => browser.close());
      given = { device, server, workbench: await Workbench.open(browser, server) };
    });

    after(async () => {
      for (const step of undo.reverse()) await step();
    });

    const flow: Flow = (name, run) => {
      it(name, async (test) => {
        assert.ok(given);
        try {
          await run(given, test);
        } catch (error) {
          await keepEvidence(given, name).catch(() => undefined);
          throw error;
        }
      });
    };
    define(flow);

    flow(
      'has met no error in the page, the extension host or the extension',
      async ({ workbench, server }) => {
        assert.deepEqual(workbench.errors, []);
        assert.deepEqual(await hostErrors(server.userData), []);
      },
    );
  });
}

/** A picture of the window, and the extension's log: for whoever looks for the cause. */
async function keepEvidence({ workbench, server }: Given, name: string): Promise<void> {
  const picture = pictureFile(`failed ${name}`);
  await workbench.screenshot(picture);
  await writeFile(picture.replace(/png$/, 'log'), await extensionLog(server.userData));
}

/** Neither the docker nor the caches of this machine's user. */
function apart(device: DeviceProject): Readonly<Record<string, unknown>> {
  return {
    'pantavisor.dockerHost': `unix://${path.join(device.folder, 'no-docker.sock')}`,
    'pantavisor.cacheDirectory': path.join(device.home, 'cache-of-vscode'),
  };
}
