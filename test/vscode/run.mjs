// Runs everything that is tested in a real VS Code, in the oldest and the newest version:  npm run test:vscode
// First the tests inside the extension host, then what people do, with the installed package.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { availableParallelism } from 'node:os';

const root = path.resolve(import.meta.dirname, '..', '..');
const versions = JSON.parse(readFileSync(path.join(import.meta.dirname, 'versions.json'), 'utf8'));

for (const [what, command, ...args] of [
  ['make the package', 'npm', 'run', '--silent', 'package'],
  ['install VS Code', process.execPath, path.join('test', 'vscode', 'install.mjs')],
]) {
  if (run(command, args)) continue;
  console.error(`Could not ${what}.`);
  process.exit(1);
}

const summary = [];
for (const [name, { vscode }] of Object.entries(versions)) {
  for (const [what, ...args] of [
    ['extension host', 'test/host/start.ts'],
    ['flows', '--test', '--test-reporter=spec', ...concurrency(), ...flows()],
  ]) {
    const start = performance.now();
    const passed = runTwiceIfNeeded(['--import', 'tsx', ...args], { TEST_VSCODE: name });
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    summary.push({
      passed,
      text: `VS Code ${vscode}, ${what}: ${passed ? 'passed' : 'FAILED'} (${seconds} s)`,
    });
  }
}
console.log(`\n${summary.map(({ text }) => text).join('\n')}`);
console.log('Pictures: .vscode-test/screenshots/');
process.exit(summary.every(({ passed }) => passed) ? 0 : 1);

function flows() {
  const files = readdirSync(path.join(root, 'test', 'e2e'));
  return files.filter((file) => file.endsWith('.test.ts')).map((file) => path.join('test', 'e2e', file));
}

/** A browser, a server and an extension host have to meet in time, which a busy machine may miss once; twice is a defect. */
function runTwiceIfNeeded(args, env) {
  if (run(process.execPath, args, env)) return true;
  console.log('\nOnce more, because something failed:');
  return run(process.execPath, args, env);
}

/** Each file has a browser and a VS Code of its own, which wait for each other most of the time. */
function concurrency() {
  return [`--test-concurrency=${Math.max(2, Math.floor(availableParallelism() / 2))}`];
}

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return status === 0;
}
