import type { OpenedCheckout } from '../checkout/opened-checkout';
import { stateFile } from '../checkout/state';
import { stringifyCanonical } from '../json/canonical';
import { parseJson } from '../json/parse';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value';

/** The last commit with nothing left out. */
export interface CommittedState {
  /** As it lies there, which is what a device is sent. */
  readonly text: string;
  /** By key, with `#spec`. */
  readonly document: JsonObject;
}

/** @throws Problem when it is missing or broken, or when this is no checkout at all. */
export async function readCommittedState(checkout: OpenedCheckout): Promise<CommittedState> {
  await checkout.state();
  return parseCommittedState((await checkout.text(stateFile)) ?? '{}');
}

/** @throws Problem when the text is no JSON. */
export function parseCommittedState(text: string): CommittedState {
  const document = parseJson(text, stateFile);
  return { text, document: isJsonObject(document) ? document : new Map() };
}

/**
 * The state with other members: as the next commit writes it, or, where none differs, as it lies there.
 *
 * @param members undefined: there is no such one.
 */
export function withMembers(
  state: CommittedState,
  members: ReadonlyMap<string, JsonValue | undefined>,
): CommittedState {
  const document = new Map(state.document);
  for (const [key, value] of members) {
    if (value === undefined) document.delete(key);
    else document.set(key, value);
  }
  const text = stringifyCanonical(document);
  return text === stringifyCanonical(state.document) ? state : { text, document };
}
