import { readFile, stat } from 'node:fs/promises';
import { sha256OfFile } from '../../files/hash-file';
import { isAtOrBelow } from '../paths';
import type { State } from '../state';
import { trackingOf } from '../tracked-files';
import type { Waiting } from '../working-state';
import type { Change } from './transaction';

/**
 * What changes mean to a device that has the last commit, as far as they are others than what it has.
 *
 * @param changes that wait for their commit.
 */
export async function shipmentOf(
  changes: readonly Change[],
  state: State,
  signal: AbortSignal,
): Promise<Waiting> {
  const objects = new Map<string, { sha256: string; size: number }>();
  const files: string[] = [];
  for (const change of changes) {
    const { target } = change;
    if (change.kind === 'remove') {
      files.push(...[...state.entries.keys()].filter((file) => isAtOrBelow(file, target)));
    } else if (target.endsWith('.json')) {
      const tracking = trackingOf(target, await readFile(change.staged), { state, newFiles: new Map() });
      if (tracking !== 'unchanged') files.push(target);
    } else {
      const sha256 = change.sha256 ?? (await sha256OfFile(change.staged, signal));
      if (state.entries.get(target) === sha256) continue;
      files.push(target);
      objects.set(target, { sha256, size: (await stat(change.staged)).size });
    }
  }
  return { files, objects };
}

/** What waits for a commit once these changes have been made. */
export function waitingWith(before: Waiting, changes: readonly Change[], shipment: Waiting): Waiting {
  const isChanged = (file: string) => changes.some(({ target }) => isAtOrBelow(file, target));
  const others = before.files.filter((file) => !isChanged(file));
  const objects = [...before.objects].filter(([file]) => !isChanged(file));
  return {
    files: [...shipment.files, ...others],
    objects: new Map([...shipment.objects, ...objects]),
  };
}
