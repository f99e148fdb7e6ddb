import { Problem, type ProblemParts } from '../problem';

/** A SquashFS file that nobody can use as it is, missing ones too: only another file in its place helps. */
export class UnusableSquashfs extends Problem {
  constructor(
    readonly file: string,
    parts: ProblemParts,
  ) {
    super(parts);
  }
}

/** A SquashFS file whose bytes contradict each other. `found` is a clause about the file: "it ends at byte 512". */
export function damaged(file: string, found: string, cause?: unknown): UnusableSquashfs {
  return new UnusableSquashfs(file, {
    doing: `reading ${file}`,
    found,
    remedy: 'Get or build the file again; this one is damaged',
    cause,
  });
}
