import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json/value';

/** What a field's value must look like. */
interface Shape<T extends JsonValue> {
  /** For messages: `a list of strings`. */
  readonly expected: string;
  readonly matches: (value: JsonValue) => value is T;
}

const isString = (value: JsonValue): value is string => typeof value === 'string';
const isBoolean = (value: JsonValue): value is boolean => typeof value === 'boolean';

const string: Shape<string> = { expected: 'a string', matches: isString };
const boolean: Shape<boolean> = { expected: 'true or false', matches: isBoolean };
const object: Shape<JsonObject> = { expected: 'an object', matches: isJsonObject };
const strings: Shape<readonly string[]> = {
  expected: 'a list of strings',
  matches: (value) => isJsonArray(value) && value.every(isString),
};
const objects: Shape<readonly JsonObject[]> = {
  expected: 'a list of objects',
  matches: (value) => isJsonArray(value) && value.every(isJsonObject),
};
const stringMap: Shape<ReadonlyMap<string, string>> = {
  expected: 'an object of strings',
  matches: (value): value is ReadonlyMap<string, string> =>
    isJsonObject(value) && [...value.values()].every(isString),
};
const booleanMap: Shape<ReadonlyMap<string, boolean>> = {
  expected: 'an object of true or false',
  matches: (value): value is ReadonlyMap<string, boolean> =>
    isJsonObject(value) && [...value.values()].every(isBoolean),
};

/**
 * The fields of a src.json that pvr knows, in the order of its `Source` struct (pvr libpvr/applib.go:51-86),
 * which is the order that it writes them in.
 */
export const sourceFieldShapes = {
  base: string,
  name: string,
  '#spec': string,
  template: string,
  args: object,
  dm_enabled: booleanMap,
  logs: objects,
  exports: strings,
  config: object,
  docker_name: string,
  docker_tag: string,
  docker_digest: string,
  docker_ovl_digest: string,
  docker_source: string,
  docker_config: object,
  docker_platform: string,
  format_options: string,
  pvr: string,
  pvr_digest: boolean,
  rootfs_url: string,
  rootfs_digest: string,
  persistence: stringMap,
};

export type SourceField = keyof typeof sourceFieldShapes;

/** Each known field, by the name that it has in the file. */
export type SourceFields = {
  readonly [Key in SourceField]?: (typeof sourceFieldShapes)[Key] extends Shape<infer T> ? T : never;
};

export function isSourceField(key: string): key is SourceField {
  return Object.hasOwn(sourceFieldShapes, key);
}

/** All known fields, in pvr's order. */
export const sourceFieldOrder: readonly SourceField[] = Object.keys(sourceFieldShapes).filter(isSourceField);
