import { exitCode } from '../core/exit-codes';
import { isOutOfMemory, outOfMemory } from '../core/out-of-memory';
import { describeError } from '../core/problem';
import { hasChanged } from './broken-output';

/** More than a command takes to let go of its checkout; in milliseconds. */
const patience = 10_000;

/** What nobody caught; what follows from it is no news. */
let crash: { readonly error: unknown; isTold: boolean } | undefined;

/**
 * For errors that come up where nobody waits for them, which would end the process on the spot, with a stack trace: whatever
 * runs is stopped instead, so that it lets go of its checkout, and people are told in words. To be called once, before any
 * command runs.
 *
 * @param stop ends the command as Ctrl-C does.
 */
export function listenForCrashes(stop: () => void): void {
  // Rejected promises that nobody looks at come here, too.
  process.on('uncaughtException', (error) => {
    if (crash !== undefined) return;
    crash = { error, isTold: false };
    process.exitCode = exitCode.defect;
    stop();
    setTimeout(() => process.exit(exitCode.defect), patience).unref();
  });
  // Also when the command can't come to an end any more, and nothing is left to be done.
  process.once('exit', tellOfCrash);
}

/** Whether something happened that nobody caught; says so if nobody has. */
export function tellOfCrash(): boolean {
  if (crash === undefined) return false;
  if (!crash.isTold) tellOfDefect(crash.error);
  crash.isTold = true;
  return true;
}

/** Says of an error that is no Problem what it means for people. The stack is for whoever asks for it. */
export function tellOfDefect(error: unknown): void {
  const state = hasChanged() ? 'The checkout is changed; pvx app ls shows it' : 'The checkout is as it was';
  const text = isOutOfMemory(error)
    ? `${outOfMemory.found} (${oneLine(error)}). ${state}. ${outOfMemory.remedy}; --workers 1 takes the least.`
    : `unexpected: ${oneLine(error)}. ${state}. Please report this as a defect; PVX_DEBUG=1 shows where it happened.`;
  process.stderr.write(`pvx: ${text}\n`);
  if (process.env['PVX_DEBUG']) console.error(error);
}

/** Messages of assertions, for one, have many. */
function oneLine(error: unknown): string {
  return describeError(error).trim().replaceAll(/\s+/g, ' ').replace(/\.$/, '');
}
