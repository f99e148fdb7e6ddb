import { createHash } from 'node:crypto';
import { Problem } from '../../problem';
import type { Revision } from '../../remote/remote';

/** Lower-case hex, as devices and Pantahub know a revision's state by. */
export function stateShaOf(state: string): string {
  return createHash('sha256').update(state).digest('hex');
}

/** @throws Problem when what came isn't what the hub says that it has. */
export function requireSameState(text: string, { name, stateSha }: Revision, remote: string): void {
  const actual = stateShaOf(text);
  if (stateSha === '' || stateSha === actual) return;
  throw new Problem({
    doing: `getting revision ${name} of ${remote}`,
    found: `its state has the sha256 ${actual}, and it should be ${stateSha}`,
    remedy: 'Try again: it was cut or changed on its way',
  });
}
