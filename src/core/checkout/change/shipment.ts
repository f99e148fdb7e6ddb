import { readFile, stat } from 'node:fs/promises';
import { sha256OfFile } from '../../files/hash-file';
import { isAtOrBelow } from '../paths';
import { isObjectId, type State } from '../state';
import { trackingOf } from '../tracked-files';
import type { Change } from './transaction';

/** What changes mean to a device that has the last commit. */
export interface Shipment {
  /** Files and folders that are others than there, new or gone; paths below the checkout. */
  readonly files: readonly string[];
  /**
   * Bytes that it must fetch: whole files by their sha256, those that it has at any path not again, and hash trees as well as
   * what they verify. JSON files come with the state, whose part they are.
   */
  readonly download: number;
}

/** @param changes that wait for their commit. */
export async function shipmentOf(
  changes: readonly Change[],
  state: State,
  signal: AbortSignal,
): Promise<Shipment> {
  const present = new Set([...state.entries.values()].filter(isObjectId));
  const sizes = new Map<string, number>();
  const files: string[] = [];
  for (const change of changes) {
    const { target } = change;
    if (change.kind === 'remove') {
      if (isCommitted(target, state)) files.push(target);
    } else if (target.endsWith('.json')) {
      const tracking = trackingOf(target, await readFile(change.staged), { state, newFiles: new Map() });
      if (tracking !== 'unchanged') files.push(target);
    } else {
      const sha256 = change.sha256 ?? (await sha256OfFile(change.staged, signal));
      if (state.entries.get(target) !== sha256) files.push(target);
      if (!present.has(sha256)) sizes.set(sha256, (await stat(change.staged)).size);
    }
  }
  return { files, download: [...sizes.values()].reduce((sum, size) => sum + size, 0) };
}

function isCommitted(target: string, { entries }: State): boolean {
  return [...entries.keys()].some((file) => isAtOrBelow(file, target));
}
