import { OverBudget } from './budget/over-budget';
import { Problem } from './problem';

/** What the exit code of the command line, and of a task in an editor, says; the README documents them. */
export const exitCode = {
  done: 0,
  /**
   * The work could not be done, and the checkout is as it was, but for others of several apps; or it was done, and the result
   * could not be written.
   */
  failed: 1,
  /** The command line, or the task's definition, was not understood; nothing was tried. */
  usage: 2,
  /** A weight is over a limit that was set for it. What was asked for has been done, but for a post, which sends nothing then. */
  overBudget: 4,
  /** A defect of this program, not of its input; or there was not enough memory. */
  defect: 70,
  /** Ctrl-C (128 + SIGINT), as shells report it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** How work ended that threw; `isInterrupted` when somebody had asked for that. */
export function exitCodeOf(error: unknown, isInterrupted: boolean): ExitCode {
  if (isInterrupted) return exitCode.interrupted;
  if (error instanceof OverBudget) return exitCode.overBudget;
  return error instanceof Problem ? exitCode.failed : exitCode.defect;
}
