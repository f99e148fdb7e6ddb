#!/usr/bin/env node
import { CommanderError } from 'commander';
import { version } from '../../package.json';
import { exitCode, exitCodeOf, type ExitCode } from '../core/exit-codes';
import { describeError } from '../core/problem';
import { hasChanged, listenForBrokenOutput } from './broken-output';
import { listenForCrashes, tellOfCrash, tellOfDefect } from './last-net';
import { makeProgram, withTwoDashes } from './program';
import { isInterrupted, listenForInterruption, stopCommand } from './session';

async function main(): Promise<ExitCode> {
  listenForCrashes(stopCommand);
  listenForInterruption();
  listenForBrokenOutput();
  try {
    const words = process.argv.slice(2);
    if (words[0]?.startsWith('__') === true && (await (await import('./hidden')).runHidden(version, words)))
      return exitCode.done;
    const program = await makeProgram(version, words);
    await program.parseAsync(withTwoDashes(program, words), { from: 'user' });
    return tellOfCrash() ? exitCode.defect : exitCode.done;
  } catch (thrown) {
    const { withMendingCommand } = await import('../core/checkout/mend-squashfs');
    const error = await withMendingCommand(thrown);
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    if (tellOfCrash()) return exitCode.defect;
    const code = exitCodeOf(error, isInterrupted());
    if (code === exitCode.interrupted) process.stderr.write(`Interrupted; ${stateOfCheckout()}.\n`);
    else if (code === exitCode.failed || code === exitCode.overBudget)
      process.stderr.write(`pvx: ${describeError(error)}\n`);
    else tellOfDefect(error);
    return code;
  }
}

/** Of several changes, those that were made before the one that was stopped stay. */
function stateOfCheckout(): string {
  return hasChanged()
    ? 'what was changed before stays, and pvx app ls shows it'
    : 'the checkout is as it was';
}

void main().then((code) => {
  // Set before when the result could not be written.
  process.exitCode ??= code;
});
