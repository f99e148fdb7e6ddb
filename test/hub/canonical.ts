import { stringifyCanonical } from '../../src/core/json/canonical';
import { JsonNumber, type JsonValue } from '../../src/core/json/value';

/** Canonical JSON of a value that went through a float64, as Pantahub's Go has it: integers beyond 2^53 are rounded. */
export function canonical(value: unknown): string {
  return stringifyCanonical(toJson(value));
}

function toJson(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return new JsonNumber(String(value));
  if (Array.isArray(value)) return value.map(toJson);
  return new Map(Object.entries(value).map(([key, member]) => [key, toJson(member)]));
}
