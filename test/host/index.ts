import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { version } from 'vscode';
import { measured } from './measured';
import { hostTestSettings, type HostReport, type HostTest } from './report';

/** What VS Code calls inside the extension host (`extensionTestsPath`). */
export async function run(): Promise<void> {
  const { reportFile, only } = hostTestSettings();
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: 'min', grep: only });
  // Tests come in the same bundle, so mocha loads no files; it only has to offer describe and it.
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./suites');
  const tests: HostTest[] = [];
  const failures = await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on('pass', (test) => {
        tests.push({ title: test.fullTitle(), milliseconds: test.duration ?? 0, problem: undefined });
      })
      .on('fail', (test, error: Error) => {
        const problem = error.stack ?? error.message;
        tests.push({ title: test.fullTitle(), milliseconds: 0, problem });
      });
  });
  const report: HostReport = { vscode: version, node: process.version, tests, measured: { ...measured } };
  writeFileSync(reportFile, JSON.stringify(report));
  if (failures > 0) throw new Error(`${failures} of ${tests.length} tests failed`);
}
