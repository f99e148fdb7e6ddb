import { stat } from 'node:fs/promises';
import path from 'node:path';
import { sha256OfFile } from '../hash-file';
import type { Tracking } from './app';
import { isObjectId, type State } from './state';
import { readSmallFile } from './text-file';
import { trackingOf } from './tracked-files';

/**
 * What the next commit makes of a file of the state, for one that is too large to be compared whenever a checkout is read:
 * all of it is read now. It stays `tracked` where that can't be done.
 *
 * @param file path below the checkout, of a regular file.
 * @throws the signal's reason.
 */
export async function compareWithCommit(
  checkoutDirectory: string,
  file: string,
  state: State,
  signal: AbortSignal,
): Promise<Tracking> {
  const pristine = state.entries.get(file);
  const place = path.join(checkoutDirectory, file);
  try {
    if (pristine !== undefined && isObjectId(pristine))
      return (await sha256OfFile(place, signal)) === pristine ? 'unchanged' : 'changed';
    const { size } = await stat(place);
    const content = await readSmallFile(checkoutDirectory, { path: file, size });
    return trackingOf(file, content, { state, newFiles: new Map() });
  } catch {
    signal.throwIfAborted();
    return 'tracked';
  }
}
