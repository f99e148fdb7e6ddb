import { Problem } from '../../problem';
import type { Remedy } from '../../remedy';

/** Why no revision of a device that is reached itself is ever cancelled. */
export function nothingToCancel(revision: string, device: string, remedy: Remedy): Problem {
  return new Problem({
    doing: `cancelling revision ${revision} of ${device}`,
    found: 'a device that is reached itself runs a revision at once, so that there is nothing to take back',
    remedy,
  });
}
