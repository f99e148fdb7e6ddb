import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './value';

/** What a field's value must look like. */
export interface Shape<T extends JsonValue> {
  /** For messages: `a list of strings`. */
  readonly expected: string;
  readonly matches: (value: JsonValue) => value is T;
}

const isString = (value: JsonValue): value is string => typeof value === 'string';
const isBoolean = (value: JsonValue): value is boolean => typeof value === 'boolean';

export const string: Shape<string> = { expected: 'a string', matches: isString };
export function oneOf(...words: readonly string[]): Shape<string> {
  return {
    expected: `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`,
    matches: (value): value is string => isString(value) && words.includes(value),
  };
}
export const boolean: Shape<boolean> = { expected: 'true or false', matches: isBoolean };
export const object: Shape<JsonObject> = { expected: 'an object', matches: isJsonObject };
export const strings: Shape<readonly string[]> = {
  expected: 'a list of strings',
  matches: (value) => isJsonArray(value) && value.every(isString),
};
export const objects: Shape<readonly JsonObject[]> = {
  expected: 'a list of objects',
  matches: (value) => isJsonArray(value) && value.every(isJsonObject),
};
export const stringMap: Shape<ReadonlyMap<string, string>> = {
  expected: 'an object of strings',
  matches: (value): value is ReadonlyMap<string, string> =>
    isJsonObject(value) && [...value.values()].every(isString),
};
export const booleanMap: Shape<ReadonlyMap<string, boolean>> = {
  expected: 'an object of true or false',
  matches: (value): value is ReadonlyMap<string, boolean> =>
    isJsonObject(value) && [...value.values()].every(isBoolean),
};
