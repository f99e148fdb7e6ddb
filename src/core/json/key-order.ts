import { isJsonArray, isJsonObject, type JsonValue } from './value';

/**
 * Orders keys as Go does, by their UTF-8 bytes, which is by code point. JavaScript's own order is by UTF-16
 * unit: it puts U+1F600 (a pair of surrogates from U+D800) before U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA !== unitB) return codePointRank(unitA) - codePointRank(unitB);
  }
  return a.length - b.length;
}

/** Lifts surrogates above all other units, where the code points that they stand for belong. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** The same value with the keys of every object in order, as Go writes its maps. */
export function withSortedKeys(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(withSortedKeys);
  if (!isJsonObject(value)) return value;
  return new Map(
    [...value]
      .sort(([a], [b]) => compareKeys(a, b))
      .map(([key, member]): [string, JsonValue] => [key, withSortedKeys(member)]),
  );
}
