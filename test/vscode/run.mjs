// Runs everything that is tested in a real VS Code: the tests inside the extension host, and what people do, with the installed
// package.
//   npm run test:vscode                                  all in the newest version, in the oldest what depends on the version
//   npm run test:vscode -- oldest --only new-app         all in that version, and only files with "new-app" in their paths
//   LONG=1 npm run test:vscode                           all in both
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

const root = path.resolve(import.meta.dirname, '..', '..');
const versions = JSON.parse(readFileSync(path.join(import.meta.dirname, 'versions.json'), 'utf8'));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' } },
});

/** What stands on the API and the workbench of each version; all other flows go through the same code in every one. */
const ofEveryVersion = ['start', 'at-rest', 'building'];
const main = 'newest';
const isComplete = process.env.LONG === '1' || positionals.length > 0;

const names = positionals.length > 0 ? positionals : Object.keys(versions);
const files = testFiles().filter((file) => file.includes(values.only));
if (files.length === 0 || names.some((name) => !(name in versions))) {
  console.error(`Nothing to run: [${Object.keys(versions).join('|')}] [--only TEXT OF A PATH]`);
  process.exit(2);
}
const runs = files.flatMap((file) =>
  names.filter((name) => concerns(name, file)).map((name) => ({ file, name })),
);
const used = new Set(runs.map(({ name }) => name));
prepare('make the package', 'npm', 'run', '--silent', 'package');
prepare('install VS Code', process.execPath, path.join('test', 'vscode', 'install.mjs'), ...used);

const results = await runAll();
console.log(results.map(inWords).join('\n'));
console.log('Pictures: .vscode-test/screenshots/');
process.exit(results.every(({ passed }) => passed) ? 0 : 1);

/** What starts the tests inside the extension host, and the flows. */
function testFiles() {
  const flows = readdirSync(path.join(root, 'test', 'e2e')).filter((file) => file.endsWith('.test.ts'));
  return [path.join('test', 'host', 'start.ts'), ...flows.map((file) => path.join('test', 'e2e', file))];
}

function concerns(name, file) {
  return isComplete || name === main || ofEveryVersion.includes(path.basename(file).split('.')[0]);
}

/**
 * Each file has a browser and a VS Code of its own, which wait for each other most of the time. Several at once can miss each
 * other on a machine that is busy with something else: a file that failed has a second attempt, alone, and that is told.
 */
async function runAll() {
  for (const name of used) forgetFailures(path.join(root, '.vscode-test', 'screenshots', name));
  const waiting = [...runs];
  const done = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) done.push(await run(next));
  };
  await Promise.all(Array.from({ length: Math.max(2, Math.floor(availableParallelism() / 2)) }, work));
  for (const [at, ended] of done.entries()) {
    if (!ended.passed) done[at] = { ...(await run(ended)), isSecondAttempt: true };
  }
  return done;
}

/** Runs a file, and prints what it says when it has ended. */
async function run({ file, name }) {
  const start = performance.now();
  const options = file.endsWith('.test.ts') ? ['--test', '--test-reporter=spec'] : [];
  const child = spawn(process.execPath, ['--import', 'tsx', ...options, file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TEST_VSCODE: name },
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const said = await Promise.all([child.stdout, child.stderr].map(buffer));
  const passed = (await ended) === 0;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`── ${file}, VS Code ${versions[name].vscode}\n${Buffer.concat(said).toString()}`);
  return { file, name, passed, seconds };
}

/** Pictures and logs of an earlier run's failures. */
function forgetFailures(folder) {
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder)) if (file.startsWith('failed-')) rmSync(path.join(folder, file));
}

function inWords({ file, name, passed, seconds, isSecondAttempt }) {
  const how = `${passed ? 'passed' : 'FAILED'}${isSecondAttempt ? ' AT THE SECOND ATTEMPT, after it had failed' : ''}`;
  return `VS Code ${versions[name].vscode}, ${file}: ${how} (${seconds} s)`;
}

function prepare(what, command, ...args) {
  if (spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0) return;
  console.error(`Could not ${what}.`);
  process.exit(1);
}
