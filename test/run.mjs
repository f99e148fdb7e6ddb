// Runs the test files below folders of test/ with node's own runner:
//   node test/run.mjs unit integration        all of them
//   node test/run.mjs unit --only reader      those whose path holds "reader"
// Integration tests are left out, and said to be, where the machine can't run them; with --all that is a failure.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { missingForIntegration } from './integration-needs.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' }, all: { type: 'boolean', default: false } },
});

const missing = positionals.includes('integration') ? missingForIntegration() : [];
const suites = missing.length > 0 ? positionals.filter((suite) => suite !== 'integration') : positionals;

const files = suites
  .flatMap((suite) =>
    readdirSync(path.join(import.meta.dirname, suite), { recursive: true }).map((file) =>
      path.join('test', suite, file),
    ),
  )
  .filter((file) => file.endsWith('.test.ts') && file.includes(values.only))
  .sort();
if (files.length === 0) {
  console.error(`No test file in test/{${suites.join(',')}} has "${values.only}" in its path.`);
  process.exit(2);
}

const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-reporter=spec', ...files],
  {
    cwd: path.dirname(import.meta.dirname),
    stdio: 'inherit',
  },
);

if (missing.length > 0) {
  console.log(`
Left out: the integration tests (real registry, docker daemon, kernel mounts). This machine lacks: ${missing.join(', ')}.
On Debian or Ubuntu this command adds them and runs everything:  sudo sh -c 'test/setup-debian.sh && npm test'`);
}
process.exit(status || (values.all && missing.length > 0 ? 1 : 0));
