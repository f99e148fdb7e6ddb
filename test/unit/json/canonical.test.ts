import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { sameJson, stringifyCanonical } from '../../../src/core/json/canonical';
import { parseJson } from '../../../src/core/json/parse';
import { JsonNumber } from '../../../src/core/json/value';
import { Problem } from '../../../src/core/problem';

const canonical = (text: string) => stringifyCanonical(parseJson(text, 'test'));

describe('canonical JSON', () => {
  const vectors = readFileSync(path.join('test', 'fixtures', 'goldens', 'canonical-json.tsv'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t=> '));
  assert.equal(vectors.length, 33);

  for (const [input = '', output] of vectors) {
    it(`writes ${input} as pvr does`, () => assert.equal(canonical(input), output));
  }

  it('leaves what is canonical as it is', () => {
    for (const [input = ''] of vectors) assert.equal(canonical(canonical(input)), canonical(input));
  });

  it('orders keys by code point, also where UTF-16 would not', () => {
    assert.equal(
      canonical('{"\\ud83d\\ude00":1,"\\uffff":2,"\\ue000":3,"a\\ud83d\\ude01":4,"a\\ud83d\\ude00":5,"a":6}'),
      '{"a":6,"a😀":5,"a😁":4,"\ue000":3,"\uffff":2,"😀":1}',
    );
  });

  it('keeps keys that JavaScript objects would reorder or lose', () => {
    assert.equal(canonical('{"__proto__":1,"b":2,"10":3,"9":4}'), '{"10":3,"9":4,"__proto__":1,"b":2}');
  });

  it('writes numbers without their insignificant zeros, however they are spelled', () => {
    assert.equal(canonical('0.00120'), '1.2E-3');
    assert.equal(canonical('120.00e-1'), '12');
    assert.equal(canonical('-12345678901234567890.5'), '-1.23456789012345678905E19');
    assert.equal(canonical('0e999999999999999999999'), '0');
    assert.equal(canonical('1e-999999999'), '1.0E-999999999');
  });

  it('refuses a number whose digits would fill the memory', () => {
    assert.throws(() => canonical('[1e999999999]'), Problem);
    assert.throws(() => canonical('1e99999999999999999999999999'), Problem);
    assert.throws(() => canonical('1e-99999999999999999999999999'), Problem);
  });

  it('takes documents for the same that differ in layout only', () => {
    const a = parseJson('{"b": 1.0, "a": ["x"]}', 'test');
    assert.ok(sameJson(a, parseJson('{"a":["\\u0078"],"b":1}', 'test')));
    assert.ok(!sameJson(a, parseJson('{"a":["x"],"b":"1"}', 'test')));
    assert.ok(!sameJson(new JsonNumber('1'), '1'));
  });
});
