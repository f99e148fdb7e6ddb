import { exitCode } from '../core/exit-codes';
import { describeError } from '../core/problem';

let isChanged = false;

/** Says that the checkout is changed by now, before the result that tells of it is written. */
export function noteChange(): void {
  isChanged = true;
}

/** Whether it is. */
export function hasChanged(): boolean {
  return isChanged;
}

/**
 * A reader that has seen enough (`| head`) is no failure, and a build that goes on is not stopped by it. A full disk
 * behind `>` is one. To be called once, before any command runs.
 */
export function listenForBrokenOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    const advice = isChanged
      ? 'What was to be done is done; run pvx app ls to see it'
      : 'Make room where it goes, or write it elsewhere';
    process.stderr.write(`pvx: writing the result: ${describeError(error)}. ${advice}.\n`);
    process.exitCode = exitCode.failed;
  });
  // There is nowhere left to say it.
  process.stderr.on('error', () => undefined);
}
