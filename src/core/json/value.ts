/**
 * JSON as pvr sees it, without what JavaScript's own objects lose: numbers are text of any precision, objects
 * keep the order of their keys (also of `10`, `9` and `__proto__`). Values are immutable; a change makes a
 * new value.
 */
export type JsonValue = null | boolean | string | JsonNumber | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** A number as its literal: `1.50`, `1e400` and `12345678901234567890` stay what they are. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

export function isJsonArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}

/** For messages: `a number`, `a list`, … */
export function describeKind(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'boolean') return 'true or false';
  if (value instanceof JsonNumber) return 'a number';
  return isJsonArray(value) ? 'a list' : 'an object';
}

/**
 * The value without any `null`, in lists and objects alike. pvr drops them all at commit, after which a file
 * that holds one shows as changed forever; so they are never written, and never count when documents are
 * compared.
 */
export function withoutNulls<T extends JsonValue>(value: T): T;
export function withoutNulls(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.filter((item) => item !== null).map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const members = new Map<string, JsonValue>();
  for (const [key, member] of value) {
    if (member !== null) members.set(key, withoutNulls(member));
  }
  return members;
}
