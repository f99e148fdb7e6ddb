import path from 'node:path';
import { asOnlyWriter } from '../checkout/change/change-checkout';
import { membersOf } from '../checkout/state';
import type { Job } from '../job';
import { objectStoreOf } from '../revision/object-store-of';
import { leftBehind, selectMembers, withParts } from '../revision/fragments';
import { mergedState, planState, type ReplacedState } from '../revision/replace-state';
import { isAddress, openSource, type RevisionSource } from '../revision/source';

export interface TakeRequest {
  /** A path, with the parts that are wanted behind a `#`. */
  readonly reference: string;
  /** Absolute path that it starts from. */
  readonly folder: string;
  /**
   * `parts`: those that come take the place of the checkout's own, and the others stay. `merge`: as pvr merges, document by document.
   * `all`: nothing of the own state stays.
   */
  readonly how: 'parts' | 'merge' | 'all';
}

export interface TakenState extends ReplacedState {
  /** Parts that belong to those that were named, and did not come: `_sigs/web.json`. */
  readonly leftBehind: readonly string[];
}

/**
 * Makes a state from a checkout or an export the last commit, or parts of it.
 *
 * @throws Problem, and the last commit is the one that it was.
 */
export async function takeState(
  checkoutDirectory: string,
  { reference, folder, how }: TakeRequest,
  job: Job,
): Promise<TakenState> {
  const source = await openSource(reference, folder, job.signal);
  return asOnlyWriter(checkoutDirectory, `getting ${source.name}`, job, async (change) => {
    const store = await objectStoreOf(change);
    const own = membersOf(await change.state());
    const { members, fragments } = source;
    const selected = selectMembers(members, fragments, source.name);
    const next =
      how === 'all'
        ? members
        : how === 'merge'
          ? mergedState(own, selected)
          : withParts(own, selected, fragments);
    const kept = how === 'all' ? undefined : keptReference(source, { reference, folder }, checkoutDirectory);
    const taken = await planState(change, store, { source, own, next, reference: kept }, job);
    await change.transaction.commit(job.signal);
    return { ...taken, leftBehind: leftBehind(members, fragments) };
  });
}

/** As it was typed, as pvr keeps it; but one that starts from another folder than the checkout's own would lead elsewhere the next time. */
function keptReference(
  { name }: RevisionSource,
  { reference, folder }: Pick<TakeRequest, 'reference' | 'folder'>,
  checkoutDirectory: string,
): string {
  if (folder === checkoutDirectory || path.isAbsolute(name) || isAddress(name)) return reference;
  const place = path.relative(checkoutDirectory, path.resolve(folder, name));
  return `${place.split(path.sep).join('/')}${reference.slice(name.length)}`;
}
