import { asOnlyWriter } from '../checkout/change/change-checkout';
import type { ChangingCheckout } from '../checkout/change/changing-checkout';
import { originPath } from '../checkout/change/target-path';
import { membersOf } from '../checkout/state';
import type { Job } from '../job';
import { stringifyCanonical } from '../json/canonical';
import type { JsonObject } from '../json/value';
import { shortList } from '../presentation/short-list';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { objectStoreOf } from '../revision/object-store-of';
import { leftBehind, selectMembers, withParts } from '../revision/fragments';
import { mergedState, planState, type ReplacedState } from '../revision/replace-state';
import type { RevisionSource } from '../revision/source';
import type { Remotes } from '../remote/remotes';
import { type AnySource, keptReference, openAnySource } from './steps/any-source';
import { originText, readOrigin } from './steps/origin';
import { membersAt, revisionOfState } from './steps/remote-state';
import { type PartChange, threeWay } from './steps/three-way';

export interface TakeRequest {
  /** A path or a device, with the parts that are wanted behind a `#`. */
  readonly reference: string;
  /** Absolute path that it starts from. */
  readonly folder: string;
  /**
   * `parts`: those that come take the place of the checkout's own, and the others stay. `merge`: as pvr merges, document by document.
   * `all`: nothing of the own state stays.
   */
  readonly how: 'parts' | 'merge' | 'all';
  /** Whose parts count that both the device and this checkout have changed; undefined: nobody's, and nothing is taken. */
  readonly prefer?: 'ours' | 'theirs' | undefined;
}

export interface TakenState extends ReplacedState {
  /** Parts that belong to those that were named, and did not come: `_sigs/web.json`. */
  readonly leftBehind: readonly string[];
  /** The device's revision that the checkout goes on from; undefined where it is no device's. */
  readonly revision: string | undefined;
  /** Parts that both sides had changed, and that are as was preferred. */
  readonly conflicts: readonly PartChange[];
}

/**
 * Makes a state from a device, a checkout or an export the last commit, or parts of it. Of the device that the checkout came from, what
 * changed there since joins what changed here, part by part.
 *
 * @throws Problem, and the last commit is the one that it was.
 */
export async function takeState(
  checkoutDirectory: string,
  { reference, folder, how, prefer }: TakeRequest,
  remotes: Remotes | undefined,
  job: Job,
): Promise<TakenState> {
  const { source, from } = await openAnySource(reference, folder, remotes, job);
  return asOnlyWriter(checkoutDirectory, `getting ${source.name}`, job, async (change) => {
    const store = await objectStoreOf(change);
    const own = membersOf(await change.state());
    const { members, fragments } = source;
    const selected = selectMembers(members, fragments, source.name);
    const isWhole = fragments.plus.length === 0 && fragments.minus.length === 0;
    const { next, conflicts } =
      how === 'all'
        ? { next: members, conflicts: [] }
        : how === 'merge'
          ? { next: mergedState(own, selected), conflicts: [] }
          : ((isWhole ? await joined(change, { from, source, own, prefer }, job) : undefined) ?? {
              next: withParts(own, selected, fragments),
              conflicts: [],
            });
    const kept =
      how === 'all'
        ? undefined
        : (from?.remote.address ?? keptReference(source, { reference, folder }, checkoutDirectory));
    const taken = await planState(change, store, { source, own, next, reference: kept }, job);
    const origin = await readOrigin(change);
    const goesOn =
      from !== undefined && isWhole && (origin === undefined || origin.address === from.remote.address);
    if (goesOn) {
      const { address, name } = from.remote;
      await change.write(originPath, originText({ address, name, revision: from.revision }));
    }
    await change.transaction.commit(job.signal);
    return {
      ...{ ...taken, leftBehind: leftBehind(members, fragments), conflicts },
      revision: goesOn ? from.revision : undefined,
    };
  });
}

/**
 * What a later revision of the device that this checkout came from makes with what changed here; undefined: it came from elsewhere.
 *
 * @throws Problem that names what both changed, where nobody said whose counts.
 */
async function joined(
  change: ChangingCheckout,
  {
    from,
    source,
    own,
    prefer,
  }: {
    readonly from: AnySource['from'];
    readonly source: RevisionSource;
    readonly own: JsonObject;
    readonly prefer: TakeRequest['prefer'];
  },
  job: Job,
): Promise<{ readonly next: JsonObject; readonly conflicts: readonly PartChange[] } | undefined> {
  const origin = await readOrigin(change);
  if (from === undefined || (origin !== undefined && origin.address !== from.remote.address))
    return undefined;
  const { remote } = from;
  // Of one that pvr has cloned, by its state; where that was changed, all that both have and that differs is a conflict.
  const revision = origin?.revision ?? (await revisionOfState(remote, stringifyCanonical(own), job));
  const base: JsonObject = revision === undefined ? new Map() : await membersAt(remote, revision, job);
  const { members, conflicts } = threeWay(base, own, source.members, prefer);
  if (conflicts.length === 0 || prefer !== undefined) return { next: members, conflicts };
  const parts = conflicts.map(({ part, files }) => `${part} (${shortList(files, 4)})`);
  throw new Problem({
    doing: `getting ${source.name}`,
    found: `both sides changed it since ${revision === undefined ? 'nobody knows when' : `revision ${revision}`}: ${parts.join('; ')}`,
    remedy: remedy`Choose one of the two with ${way.prefer()}, or get the other parts by their names`,
  });
}
