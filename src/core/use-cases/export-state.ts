import { OpenedCheckout } from '../checkout/opened-checkout';
import { membersOf } from '../checkout/state';
import { requireSafeKeys } from '../checkout/state-key';
import type { Job } from '../job';
import { objectStoreOf } from '../revision/object-store-of';
import { leftBehind, selectMembers } from '../revision/fragments';
import { archiveStream, writeArchive } from '../revision/write-archive';

export interface ExportRequest {
  /** Files and folders of the state; none: all. */
  readonly parts: readonly string[];
  /** Absolute path; `.gz` and `.tgz` are gzipped. Undefined: the archive is what comes back. */
  readonly file: string | undefined;
}

export interface Exported {
  /** How many files the state has that is in it. */
  readonly files: number;
  /** Bytes of the archive; undefined of a stream. */
  readonly size: number | undefined;
  readonly stream: AsyncIterable<Uint8Array> | undefined;
  readonly leftBehind: readonly string[];
}

/**
 * Writes what was committed last, or parts of it, with all that it needs, to one file.
 *
 * @throws Problem when a part isn't there, an object is missing or damaged, or the file can't be written: nothing of it is left then.
 */
export async function exportState(
  checkoutDirectory: string,
  { parts, file }: ExportRequest,
  { signal }: Job,
): Promise<Exported> {
  const checkout = new OpenedCheckout(checkoutDirectory);
  const state = await checkout.state();
  const { entries } = state;
  requireSafeKeys(entries.keys());
  const fragments = { plus: parts, minus: [] };
  const selected = selectMembers(entries, fragments, 'the last commit');
  const members = membersOf({ ...state, entries: selected });
  const store = await objectStoreOf(checkout);
  const facts = { files: selected.size, leftBehind: leftBehind(entries, fragments) };
  if (file === undefined)
    return { ...facts, size: undefined, stream: await archiveStream(members, store, signal) };
  return { ...facts, size: await writeArchive(file, members, store, signal), stream: undefined };
}
