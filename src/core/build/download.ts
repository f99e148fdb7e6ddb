import { stat } from 'node:fs/promises';
import type { Change } from '../checkout/transaction';
import { sha256OfFile } from '../hash-file';

/**
 * What a device must fetch for changes that wait for their commit, in bytes: whole files by their sha256, identical ones
 * once, and hash trees as well as what they verify. JSON files come with the state, whose part they are.
 */
export async function downloadFor(changes: readonly Change[], signal: AbortSignal): Promise<number> {
  const sizes = new Map<string, number>();
  for (const change of changes) {
    if (change.kind === 'remove' || change.target.endsWith('.json')) continue;
    const sha256 = change.sha256 ?? (await sha256OfFile(change.staged, signal));
    sizes.set(sha256, (await stat(change.staged)).size);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
