// Runs the tests of this folder inside the real extension host, with the extension as it lies in dist/:
//   node --import tsx test/host/start.ts [--only TEXT]        in the version that TEST_VSCODE names
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { launchBrowser } from '../vscode/browser';
import { DeviceProject } from '../vscode/device';
import { startServer, versionUnderTest } from '../vscode/server';
import type { HostReport, HostTestSettings } from './report';

const project = path.resolve(import.meta.dirname, '..', '..');
const longest = 8 * 60_000;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  const version = versionUnderTest();
  const device = await DeviceProject.start();
  const checkout = await device.makeCheckout('device');
  await device.addApp(checkout, 'web', 'web:latest');
  await device.addApp(checkout, 'shop', 'shop:latest', '--base', 'web');
  const reportFile = path.join(device.folder, 'report.json');
  const bundle = path.join(project, '.vscode-test', `host-tests-${version}.js`);
  await build({
    entryPoints: [path.join(import.meta.dirname, 'index.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha', 'cpu-features', '*.node'],
  });

  const settings: HostTestSettings = {
    reportFile,
    only: values.only,
    checkout,
    registry: device.registry.host,
    images: device.layout,
  };
  const server = await startServer({
    version,
    workspace: device.workspace,
    // Newer versions take tests from the address only with this.
    args: ['--enable-smoke-test-driver'],
    env: { HOST_TESTS: JSON.stringify(settings), HOME: device.home, NODE_OPTIONS: '--enable-source-maps' },
  });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const ended = new Promise<number>((resolve) => void page.exposeFunction('codeAutomationExit', resolve));
    await page.exposeFunction('codeAutomationLog', () => undefined);
    const remote = (file: string): string => `vscode-remote://127.0.0.1:${server.port}${file}`;
    const payload = [
      ['extensionDevelopmentPath', remote(project)],
      ['extensionTestsPath', remote(bundle)],
    ];
    await page.goto(server.url({ payload }), { waitUntil: 'commit' });
    await Promise.race([ended, delay(longest, undefined, { ref: false })]);
    return await printReport(reportFile, server.output());
  } finally {
    await browser.close();
    await server.stop();
    await device.stop();
  }
}

/** @returns the exit code: 0 only if there were tests and all of them passed. */
async function printReport(reportFile: string, output: string): Promise<number> {
  if (!existsSync(reportFile)) {
    console.error(`The tests did not come to their end:\n${output}`);
    return 1;
  }
  const report = JSON.parse(await readFile(reportFile, 'utf8')) as HostReport;
  console.log(`VS Code ${report.vscode}, Node ${report.node}`);
  for (const { title, milliseconds, problem } of report.tests) {
    console.log(problem === undefined ? `  ✔ ${title} (${milliseconds} ms)` : `  ✖ ${title}\n${problem}`);
  }
  const failed = report.tests.filter(({ problem }) => problem !== undefined).length;
  console.log(`\n  ${report.tests.length - failed} passing\n  ${failed} failing`);
  for (const [name, value] of Object.entries(report.measured)) console.log(`  ${name}: ${value}`);
  return failed === 0 && report.tests.length > 0 ? 0 : 1;
}

void main().then((code) => {
  process.exitCode = code;
});
