#!/usr/bin/env node
import { CommanderError } from 'commander';
import packageJson from '../../package.json';
import { withMendingCommand } from '../core/checkout/mend-squashfs';
import { Problem } from '../core/problem';
import { listenForBrokenOutput } from './broken-output';
import { exitCode, type ExitCode } from './exit-codes';
import { listenForCrashes, tellOfCrash, tellOfDefect } from './last-net';
import { makeProgram } from './program';
import { isInterrupted, listenForInterruption, stopCommand } from './session';

async function main(): Promise<ExitCode> {
  listenForCrashes(stopCommand);
  listenForInterruption();
  listenForBrokenOutput();
  const program = makeProgram(packageJson.version);
  try {
    await program.parseAsync();
    return tellOfCrash() ? exitCode.defect : exitCode.done;
  } catch (thrown) {
    const error = await withMendingCommand(thrown);
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    if (tellOfCrash()) return exitCode.defect;
    if (isInterrupted()) {
      process.stderr.write('Interrupted; the checkout is as it was.\n');
      return exitCode.interrupted;
    }
    if (error instanceof Problem) {
      process.stderr.write(`pvx: ${error.message}\n`);
      return exitCode.failed;
    }
    tellOfDefect(error);
    return exitCode.defect;
  }
}

void main().then((code) => {
  // Set before when the result could not be written.
  process.exitCode ??= code;
});
