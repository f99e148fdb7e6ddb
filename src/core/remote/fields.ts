import { isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../json/value';

/** Members of an answer, as leniently as its server may change: what isn't of the kind that is wanted counts as not there. */
export function textOf(document: JsonObject | undefined, key: string): string {
  const value = document?.get(key);
  return typeof value === 'string' ? value : '';
}

export function numberOf(document: JsonObject | undefined, key: string): number {
  const value = document?.get(key);
  return value instanceof JsonNumber ? Number(value.text) : 0;
}

export function objectOf(document: JsonObject | undefined, key: string): JsonObject {
  const value = document?.get(key);
  return isJsonObject(value) ? value : new Map();
}

export function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return isJsonArray(value) ? value.filter((one) => isJsonObject(one)) : [];
}

/** RFC 3339; `never` is said in several ways. */
export function timeOf(document: JsonObject | undefined, key: string): string | undefined {
  const time = textOf(document, key);
  return time === '' || /^(?:0001-01-01|1970-01-01)T00:00:00/.test(time) ? undefined : time;
}
