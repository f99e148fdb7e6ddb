import { isJsonArray, isJsonObject, type JsonValue } from './value';

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
