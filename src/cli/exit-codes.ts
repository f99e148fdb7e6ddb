/** What the process's exit code says; the README documents them. */
export const exitCode = {
  done: 0,
  /** The work could not be done, and the checkout is as it was; or it was done, and the result could not be written. */
  failed: 1,
  /** The command line was not understood; nothing was tried. */
  usage: 2,
  /** A defect of this program, not of its input; or there was not enough memory. */
  defect: 70,
  /** Ctrl-C (128 + SIGINT), as shells report it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
