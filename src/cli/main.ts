#!/usr/bin/env node
import { CommanderError } from 'commander';
import packageJson from '../../package.json';
import { describeError, Problem } from '../core/problem';
import { listenForBrokenOutput } from './broken-output';
import { exitCode, type ExitCode } from './exit-codes';
import { makeProgram } from './program';
import { isInterrupted, listenForInterruption } from './session';

async function main(): Promise<ExitCode> {
  listenForInterruption();
  listenForBrokenOutput();
  const program = makeProgram(packageJson.version);
  try {
    await program.parseAsync();
    return exitCode.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    if (isInterrupted()) {
      process.stderr.write('Interrupted; the checkout is as it was.\n');
      return exitCode.interrupted;
    }
    if (error instanceof Problem) {
      process.stderr.write(`pvx: ${error.message}\n`);
      return exitCode.failed;
    }
    process.stderr.write(
      `pvx: unexpected: ${describeError(error)}. The checkout is as it was. Please report this as a defect; ` +
        'PVX_DEBUG=1 shows where it happened.\n',
    );
    if (process.env['PVX_DEBUG']) console.error(error);
    return exitCode.defect;
  }
}

void main().then((code) => {
  // Set before when the result could not be written.
  process.exitCode ??= code;
});
