import type { ChangingCheckout } from '../checkout/change/changing-checkout';
import { replacedStatePath } from '../checkout/change/target-path';
import { requireSafeIntegers, sameDocument } from '../checkout/committed-document';
import { configFile, configText, readConfig } from '../checkout/config';
import { isObjectId, stateFile } from '../checkout/state';
import { requireSafeKeys } from '../checkout/state-key';
import type { Job } from '../job';
import { stringifyCanonical } from '../json/canonical';
import { compareKeys } from '../json/key-order';
import { isJsonObject, type JsonObject, type JsonValue, withoutNulls } from '../json/value';
import type { ObjectStore } from '../objects/object-store';
import type { RevisionSource } from './source';

/** What came of taking a state from elsewhere. */
export interface ReplacedState {
  /** Keys of the state that are new, others or gone, by path. */
  readonly changed: readonly string[];
  /** How many objects it names. */
  readonly objects: number;
}

/**
 * Makes another state the last commit, once the transaction is committed; all its objects that this one names and that come from the
 * source are in the store by then. The files stay as they are: `pvx checkout` brings them.
 *
 * @param next with `#spec`.
 * @param reference to be kept as where the state came from; undefined leaves that as it is.
 */
export async function planState(
  change: ChangingCheckout,
  store: ObjectStore,
  {
    source,
    own,
    next,
    reference,
  }: {
    readonly source: RevisionSource;
    readonly own: JsonObject;
    readonly next: JsonObject;
    readonly reference: string | undefined;
  },
  job: Job,
): Promise<ReplacedState> {
  requireSafeKeys(
    [...next.keys()].filter((key) => key !== '#spec'),
    'the state that comes of it',
  );
  for (const [key, value] of next) {
    if (value !== own.get(key)) requireSafeIntegers(value, `taking ${key} from ${source.name}`);
  }
  const theirs = new Set([...source.members.values()].filter(isObjectId));
  const ids = new Set(
    [...next.values()].filter((value): value is string => isObjectId(value) && theirs.has(value)),
  );
  await store.make();
  await store.freshen(ids);
  job.progress('install', 0, undefined);
  await source.bring(ids, store);
  await store.flush();
  if ((await change.text(replacedStatePath)) === undefined)
    await change.write(replacedStatePath, await change.text(stateFile));
  await change.write(stateFile, stringifyCanonical(next));
  if (reference !== undefined) {
    const { document } = await readConfig(change);
    await change.write(configFile, configText(new Map([...document, ['DefaultGetUrl', reference]])));
  }
  const isOther = (key: string) => {
    const [before, after] = [own.get(key), next.get(key)];
    return before === undefined || after === undefined || !sameDocument(before, after);
  };
  const changed = [...new Set([...own.keys(), ...next.keys()])].filter(isOther).sort(compareKeys);
  return { changed, objects: ids.size };
}

/**
 * What pvr's `merge` makes of two states (RFC 7396): documents are mixed member by member, and a null takes a member away; of lists and
 * of what is new, nulls go.
 */
export function mergedState(own: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(own);
  for (const [key, value] of patch) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergedValue(own.get(key), value));
  }
  return merged;
}

function mergedValue(own: JsonValue | undefined, patch: JsonValue): JsonValue {
  return isJsonObject(own) && isJsonObject(patch) ? mergedState(own, patch) : withoutNulls(patch);
}
