import { Problem } from '../problem';

/** A SquashFS file whose bytes contradict each other. `found` is a clause about the file: "it ends at byte 512". */
export function damaged(file: string, found: string, cause?: unknown): Problem {
  return new Problem({
    doing: `reading ${file}`,
    found,
    remedy: 'Get or build the file again; this one is damaged',
    cause,
  });
}
