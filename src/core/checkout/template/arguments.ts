import {
  describeKind,
  isJsonArray,
  isJsonObject,
  JsonNumber,
  type JsonObject,
  type JsonValue,
} from '../../json/value';
import { Problem } from '../../problem';

/** The `args` of a src.json, read the way Go's templates read them. */
export interface TemplateArguments {
  /** A scalar as text; undefined when there is none (an empty string is a value). */
  text(name: string): string | undefined;
  /** The same, undefined for an empty string too. */
  nonEmptyText(name: string): string | undefined;
  /** Whether the argument counts as true: anything but `""`, `false`, an empty list or an empty object. */
  isSet(name: string): boolean;
  /** The items as text, none when the argument isn't set. */
  list(name: string): readonly string[];
  /** The parts of a text between commas, none when the argument isn't set. */
  commaSeparated(name: string): readonly string[];
  /** Any value, undefined when the argument isn't set. */
  json(name: string): JsonValue | undefined;
}

/** Every getter throws a {@link Problem} for an argument that it can't read that way. */
export function templateArguments(app: string, args: JsonObject): TemplateArguments {
  const fault = (name: string, expected: string, found: string) =>
    new Problem({
      doing: `reading the arguments in ${app}/src.json`,
      found: `"${name}" is ${found} instead of ${expected}`,
      remedy: `Correct "args" in ${app}/src.json`,
    });

  const isSet = (name: string) => isTruthy(args.get(name));

  const text = (name: string) => {
    const value = args.get(name);
    if (value === undefined || value === null) return undefined;
    return scalarText(value) ?? raise(fault(name, 'a string', describeKind(value)));
  };

  const list = (name: string) => {
    const value = args.get(name);
    if (!isTruthy(value)) return [];
    if (isJsonArray(value)) {
      return value.map(
        (item) =>
          scalarText(item) ?? raise(fault(name, 'a list of strings', `a list with ${describeKind(item)}`)),
      );
    }
    // `pvr app add --arg K=V` can only make strings. pvr then fails on them ("range can't iterate over …").
    const only = scalarText(value) ?? raise(fault(name, 'a list', describeKind(value)));
    if (!only.includes(',')) return [only];
    throw fault(name, 'a list', 'a string with commas, which may mean one item or several');
  };

  return {
    text,
    nonEmptyText: (name) => (isSet(name) ? text(name) : undefined),
    isSet,
    list,
    commaSeparated: (name) => (isSet(name) ? (text(name) ?? '').split(',') : []),
    json: (name) => (isSet(name) ? args.get(name) : undefined),
  };
}

/** What `{{ if }}` takes for true. A number is text to pvr (Go's json.Number), so `0` is true. */
export function isTruthy(value: JsonValue | undefined): value is JsonValue {
  if (isJsonArray(value)) return value.length > 0;
  if (isJsonObject(value)) return value.size > 0;
  return value !== undefined && value !== null && value !== false && value !== '';
}

function scalarText(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return value instanceof JsonNumber ? value.text : undefined;
}

function raise(problem: Problem): never {
  throw problem;
}
