// Measures the packaged extension in the version that TEST_VSCODE names, and prints what it found:  npm run measure:vscode
// `--only pages` or `--only lists` leaves out the rest. Nothing here passes or fails: the numbers depend on the machine.
import { cp, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from './browser';
import { DeviceProject, releases, withFiles } from './device';
import { extensionPackage } from './extension-package';
import { measurePages } from './measure-pages';
import { print } from './print';
import { startServer, versionUnderTest } from './server';
import { Workbench } from './workbench';

const rounds = 10;
const apps = 200;
const files = 100_000;
const bytesOfAll = 100e9;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const isWanted = (part: 'lists' | 'pages') => values.only === undefined || values.only === part;
  const device = await DeviceProject.start({ large: withFiles(releases.web1, files) });
  const undo: (() => Promise<unknown>)[] = [() => device.stop()];
  try {
    const checkout = await device.makeCheckout('device');
    await device.addApp(checkout, 'web', 'web:latest');
    const server = await startServer({
      version: versionUnderTest(),
      vsix: [extensionPackage],
      workspace: checkout,
      env: { HOME: device.home },
      settings: { 'pantavisor.checkInterval': 0, 'pantavisor.watchDockerBuilds': false },
    });
    undo.push(() => server.stop());
    const browser = await launchBrowser();
    undo.push(() => browser.close());
    const workbench = await Workbench.open(browser, server);

    console.log(`VS Code ${await workbench.inHost(({ version }) => version)}`);
    console.log(`  the package: ${((await stat(extensionPackage)).size / 1e6).toFixed(2)} MB`);
    if (isWanted('lists')) await measureLists(workbench, device, checkout);
    if (isWanted('pages')) {
      const large = await device.makeCheckout('large');
      await device.addApp(large, 'web', 'web:latest');
      await device.push('large', 'web:latest');
      await device.pvx.run(large, 'app', 'update', 'web', '--patch');
      await workbench.openFolder(large);
      await measurePages(workbench, { checkout: large, app: 'web' }, files);
    }
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** How long the extension takes to start, and to list many apps. */
async function measureLists(workbench: Workbench, device: DeviceProject, checkout: string): Promise<void> {
  const many = await device.makeCheckout('many');
  await fill(many, path.join(checkout, 'web'));
  const activations: Activation[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await workbench.openFolder(checkout);
    activations.push(await activation(workbench));
  }
  print(
    'loading the code',
    activations.map(({ loading }) => loading),
  );
  print(
    'loading and activating',
    activations.map(({ loading, activating }) => loading + activating),
  );

  await workbench.openFolder(many);
  const [first = NaN, ...later] = await listings(workbench);
  print(`listing ${apps} apps of ${bytesOfAll / 1e9} GB for the first time`, [first]);
  print('listing them again', later);
}

/** Copies of an app, each with a base that is nearly all hole. */
async function fill(checkout: string, app: string): Promise<void> {
  const run = await readFile(path.join(app, 'run.json'), 'utf8');
  for (let number = 1; number <= apps; number += 1) {
    const name = `app-${number}`;
    const copy = path.join(checkout, name);
    await cp(app, copy, { recursive: true });
    await writeFile(path.join(copy, 'run.json'), run.replaceAll('"web"', JSON.stringify(name)));
    await truncate(path.join(copy, 'root.squashfs'), bytesOfAll / apps);
  }
}

interface Activation {
  readonly loading: number;
  readonly activating: number;
}

/** By VS Code's own marks, in milliseconds. */
function activation(workbench: Workbench): Promise<Activation> {
  return workbench.inHost(async ({ extensions }) => {
    const id = 'pantavisor-checkouts.pantavisor-checkouts';
    await extensions.getExtension(id)?.activate();
    const { MonacoPerformanceMarks: marks } = globalThis as unknown as {
      MonacoPerformanceMarks: { getMarks(): readonly { name: string; startTime: number }[] };
    };
    const at = (what: string) =>
      marks.getMarks().find(({ name }) => name === `code/extHost/${what}/${id}`)?.startTime ?? NaN;
    return {
      loading: at('didLoadExtensionCode') - at('willLoadExtensionCode'),
      activating: at('didActivateExtension') - at('willActivateExtension'),
    };
  });
}

/** How long the extension takes to read all apps, in milliseconds, several times. */
function listings(workbench: Workbench): Promise<readonly number[]> {
  return workbench.inHost(
    async ({ extensions, lm }, { count, expected }) => {
      await extensions.getExtension('pantavisor-checkouts.pantavisor-checkouts')?.activate();
      const times: number[] = [];
      for (let round = 0; round < count; round += 1) {
        const start = performance.now();
        const { content } = await lm.invokeTool('pantavisor_listApps', {
          input: {},
          toolInvocationToken: undefined,
        });
        times.push(performance.now() - start);
        const [text] = content as readonly { value: string }[];
        const { length } = JSON.parse(text?.value ?? '[]') as readonly unknown[];
        if (length !== expected) throw new Error(`${length} apps instead of ${expected}`);
      }
      return times;
    },
    { count: rounds + 1, expected: apps },
  );
}

void main();
