// Runs the test files below folders of test/ with node's own runner:
//   node test/run.mjs unit                 all of them
//   node test/run.mjs unit --only reader   those whose path holds "reader"
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals: suites } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' } },
});

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
process.exit(status ?? 1);
