import { sameJson, stringifyCanonical } from '../json/canonical';
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue, withoutNulls } from '../json/value';
import { Problem } from '../problem';

/**
 * A document as a commit writes it: without nulls, which pvr drops, and with fractions as a float64 holds them, which is what pvr and
 * Pantahub make of them. Integers stay what they are, see {@link unsafeInteger}.
 */
export function committedForm(document: JsonValue): JsonValue {
  return withHeldFractions(withoutNulls(document));
}

/** Whether a commit would make the same of both, but for the bytes of one that is committed already. */
export function sameDocument(a: JsonValue, b: JsonValue): boolean {
  return sameJson(committedForm(a), committedForm(b));
}

/**
 * The first integer, as it is written, that a float64 gives back as another one; undefined where there is none. Pantahub rounds such a
 * number, and then neither the hash of the state nor a signature over it fits any more.
 */
export function unsafeInteger(document: JsonValue): string | undefined {
  if (document instanceof JsonNumber) return isHeld(document) ? undefined : document.text;
  const members = isJsonArray(document) ? document : isJsonObject(document) ? [...document.values()] : [];
  for (const member of members) {
    const unsafe = unsafeInteger(member);
    if (unsafe !== undefined) return unsafe;
  }
  return undefined;
}

/**
 * Makes sure that a document can be a part of a state, see {@link unsafeInteger}.
 *
 * @param doing as in {@link Problem}.
 * @throws Problem that names the first integer that can't.
 */
export function requireSafeIntegers(document: JsonValue, doing: string): void {
  const number = unsafeInteger(document);
  if (number === undefined) return;
  throw new Problem({
    doing,
    found: `it holds ${number.slice(0, 60)}, which Pantahub rounds, and no signature over it would fit any more`,
    remedy: 'Write it as a string, or take a number that a float64 holds',
  });
}

function withHeldFractions(value: JsonValue): JsonValue {
  if (value instanceof JsonNumber)
    return isFraction(value) ? new JsonNumber(String(Number(value.text))) : value;
  if (isJsonArray(value)) return value.map(withHeldFractions);
  if (!isJsonObject(value)) return value;
  return new Map([...value].map(([key, member]): [string, JsonValue] => [key, withHeldFractions(member)]));
}

function isHeld(number: JsonNumber): boolean {
  const float = Number(number.text);
  if (!Number.isFinite(float)) return false;
  return isFraction(number) || sameJson(number, new JsonNumber(String(float)));
}

/** Canonical JSON has an exponent for these alone. */
function isFraction(number: JsonNumber): boolean {
  return Number.isFinite(Number(number.text)) && stringifyCanonical(number).includes('E');
}
