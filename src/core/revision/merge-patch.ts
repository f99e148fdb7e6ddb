import { sameDocument } from '../checkout/committed-document';
import { withSortedKeys } from '../json/key-order';
import { isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../json/value';

/**
 * What makes one state of another (RFC 7396): members that are new or others, in objects only what differs in them, and `null` for what
 * is gone. Lists are whole. It holds nothing of documents that a commit would leave as they are.
 */
export function mergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const patch = new Map<string, JsonValue>();
  for (const key of new Set([...from.keys(), ...to.keys()])) {
    const [before, after] = [from.get(key), to.get(key)];
    if (after === undefined) patch.set(key, null);
    else if (before === undefined) patch.set(key, after);
    else if (before === after || sameDocument(before, after)) continue;
    else patch.set(key, isJsonObject(before) && isJsonObject(after) ? mergePatch(before, after) : after);
  }
  return patch;
}

/** In the form of a Go program that has read it: sorted keys, and numbers as a float64 is printed, where it holds them. */
export function asGoPrints(value: JsonValue): JsonValue {
  return withSortedKeys(withGoNumbers(value));
}

function withGoNumbers(value: JsonValue): JsonValue {
  if (value instanceof JsonNumber) return goNumber(value);
  if (isJsonArray(value)) return value.map(withGoNumbers);
  if (!isJsonObject(value)) return value;
  return new Map([...value].map(([key, member]): [string, JsonValue] => [key, withGoNumbers(member)]));
}

/** JavaScript and Go agree on the digits, and on where an exponent begins; only an integer that would be rounded stays. */
function goNumber(number: JsonNumber): JsonNumber {
  const float = Number(number.text);
  const printed = new JsonNumber(Object.is(float, -0) ? '-0' : String(float));
  return Number.isFinite(float) && sameDocument(printed, number) ? printed : number;
}
