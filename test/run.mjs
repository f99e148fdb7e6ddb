// Runs the test files below folders of test/ with node's own runner:
//   node test/run.mjs unit integration        all of them
//   node test/run.mjs unit --only reader      those whose path holds "reader"
//   node test/run.mjs unit vscode             also those in a real VS Code, by test/vscode/run.mjs
// What the machine can't run is left out, and said to be; with --all that is a failure.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { missingForIntegration, missingForVSCode } from './integration-needs.mjs';

const { values, positionals: suites } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' }, all: { type: 'boolean', default: false } },
});

const wantsVSCode = suites.includes('vscode') && values.only === '';
const howToRunAll = `On Debian or Ubuntu this command adds what is missing and runs everything:
  sudo env "PATH=$PATH" sh -c 'test/setup-debian.sh && npm test -- --all'`;

const files = suites
  .filter((suite) => suite !== 'vscode')
  .flatMap(filesOf)
  .filter((file) => file.includes(values.only));
if (files.length === 0 && !wantsVSCode) {
  console.error(`No test file in test/{${suites.join(',')}} has "${values.only}" in its path.`);
  process.exit(2);
}

const integration = new Set(filesOf('integration'));
const missing = files.some((file) => integration.has(file)) ? missingForIntegration() : [];
const leftOut = missing.length > 0 ? files.filter((file) => integration.has(file)) : [];
const missingHere = wantsVSCode ? missingForVSCode() : [];
// First what is longest, so that node's summary, of nearly everything, comes last.
const failedInVSCode = wantsVSCode && missingHere.length === 0 && !runInVSCode();
const failed = !run(files.filter((file) => !leftOut.includes(file)));
if (failedInVSCode)
  console.log('\nFAILED in a real VS Code; what and why stands above, before the tests that node ran.');
if (leftOut.length > 0) {
  console.log(`
Left out: ${leftOut.map((file) => path.basename(file, '.test.ts')).join(', ')}
(${leftOut.length} of ${files.length} test files: those that need a real registry, a real docker daemon or mounts).
This machine lacks: ${missing.join(', ')}.
${howToRunAll}`);
}
if (missingHere.length > 0) {
  console.log(`
Left out: the tests in a real VS Code. This machine lacks: ${missingHere.join(', ')}.
${howToRunAll}`);
}
const isIncomplete = leftOut.length > 0 || missingHere.length > 0;
process.exit(failed || failedInVSCode || (values.all && isIncomplete) ? 1 : 0);

function filesOf(suite) {
  return readdirSync(path.join(import.meta.dirname, suite), { recursive: true })
    .map((file) => path.join('test', suite, file))
    .filter((file) => /\.test\.tsx?$/.test(file))
    .sort();
}

/** Whether these tests pass. By itself, node would leave one core idle, and with two cores run one file at a time. */
function run(testFiles) {
  if (testFiles.length === 0) return true;
  console.log(
    `Running ${testFiles.length} test files (${suites.filter((suite) => suite !== 'vscode').join(', ')}) …`,
  );
  const options = ['--import', 'tsx', '--test', '--test-reporter=spec'];
  const { status } = spawnSync(
    process.execPath,
    [...options, `--test-concurrency=${Math.max(2, availableParallelism())}`, ...testFiles],
    { cwd: path.dirname(import.meta.dirname), stdio: 'inherit' },
  );
  return status === 0;
}

function runInVSCode() {
  const script = path.join(import.meta.dirname, 'vscode', 'run.mjs');
  return spawnSync(process.execPath, [script], { stdio: 'inherit' }).status === 0;
}
