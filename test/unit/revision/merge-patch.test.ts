import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringifyCompact } from '../../../src/core/json/indented';
import { parseJson } from '../../../src/core/json/parse';
import { isJsonObject, type JsonObject } from '../../../src/core/json/value';
import { asGoPrints, mergePatch } from '../../../src/core/revision/merge-patch';

const cases: readonly (readonly [string, string, string])[] = [
  ['{"a":1}', '{"a":1.0}', '{}'],
  ['{"a":{"x":1,"y":2}}', '{"a":{"x":1,"z":3}}', '{"a":{"y":null,"z":3}}'],
  ['{"a":[1,2]}', '{"a":[1]}', '{"a":[1]}'],
  ['{"a":[null]}', '{"a":[]}', '{}'],
  ['{"gone":"x","b":1}', '{"b":2,"a":"<"}', '{"a":"\\u003c","b":2,"gone":null}'],
  [
    '{}',
    '{"n":[0.5,1e30,1E-7,1e21,100000000000000000000,-0.0]}',
    '{"n":[0.5,1e+30,1e-7,1e+21,100000000000000000000,-0]}',
  ],
  ['{}', '{"n":12345678901234567890}', '{"n":12345678901234567890}'],
];

function objectOf(text: string): JsonObject {
  const value = parseJson(text, 'test');
  assert.ok(isJsonObject(value));
  return value;
}

describe('the merge patch from one state to another', () => {
  for (const [from, to, expected] of cases) {
    it(`${from} → ${to}`, () =>
      assert.equal(stringifyCompact(asGoPrints(mergePatch(objectOf(from), objectOf(to)))), expected));
  }
});
