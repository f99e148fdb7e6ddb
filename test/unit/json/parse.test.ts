import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringifyIndented } from '../../../src/core/json/indented';
import { parseJson } from '../../../src/core/json/parse';
import { JsonNumber, isJsonObject } from '../../../src/core/json/value';
import { Problem } from '../../../src/core/problem';

const parse = (text: string) => parseJson(text, 'web/src.json');

function foundIn(text: string): string {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.doing, 'reading web/src.json');
    return error.found;
  }
  return assert.fail(`${text.slice(0, 50)} was taken for JSON`);
}

describe('parseJson', () => {
  it('keeps numbers as they are written', () => {
    for (const text of ['0', '-0', '1.50', '1E+400', '123456789012345678901234567890', '-0.0e-7']) {
      assert.deepEqual(parse(text), new JsonNumber(text));
    }
  });

  it('keeps the order of keys, the last of duplicate values, and __proto__', () => {
    const value = parse('{"2":"two","1":"one","__proto__":"p","2":"again"}');
    assert.ok(isJsonObject(value));
    assert.deepEqual([...value], [['2', 'again'], ['1', 'one'], ['__proto__', 'p']]); // prettier-ignore
  });

  it('reads what JSON.parse reads', () => {
    const texts = [
      '\t\r\n {"a" : [ ] , "b" : { } , "c":[{"d":[null,true,false]}]}\n',
      '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\ud83d\\ude00 \u007f\u2028😀"',
      '""',
      '[[],[[]],{}]',
    ];
    for (const text of texts) {
      const written = stringifyIndented(parse(text), { prefix: '', indent: ' ' });
      assert.deepEqual(JSON.parse(written), JSON.parse(text));
    }
  });

  it('reads a lone surrogate as U+FFFD', () => {
    assert.equal(parse('"\\ud800x\\udc00\\ud83d\\ude00"'), '\ufffdx\ufffd😀');
  });

  it('refuses what JSON.parse refuses', () => {
    const texts = [
      ...['', ' ', '{', '[', '"', '"\\', '"\\u12', '"\\u123g"', '"\\x"', '"\t"', '"\n"', "'a'"],
      ...['01', '+1', '.5', '1.', '1e', '-', 'NaN', 'Infinity', '0x10', '1_000', '--1'],
      ...['[1,]', '[,1]', '[1 2]', '{"a":1,}', '{"a"}', '{"a":}', '{a:1}', '{1:1}', '{"a" 1}', '[1}'],
      ...['tru', 'True', 'nul', 'null x', '1 2', '{} {}', '// x\n1', '/* */1', '\ufeff{}', '\u00a01', '\v1'],
    ];
    for (const text of texts) {
      assert.throws(() => JSON.parse(text), SyntaxError);
      foundIn(text);
    }
  });

  it('says where and what', () => {
    assert.equal(foundIn('{\n  "a": 1,\n}'), 'line 3, column 1: expected a key in double quotes, found "}"');
    assert.equal(
      foundIn('{\n  "a": 1\n  "b": 2\n}'),
      'line 3, column 3: expected "," or "}", found a double quote',
    );
    assert.equal(foundIn('["x.squashfs",\\n"y"]'), 'line 1, column 15: expected a value, found "\\"');
    assert.equal(foundIn(''), 'line 1, column 1: expected a value, found the end of the text');
    assert.equal(foundIn('\ufeff{}'), 'line 1, column 1: expected a value, found U+FEFF');
    assert.equal(foundIn('[😀'), 'line 1, column 2: expected a value, found "😀"');
    assert.equal(foundIn('"a\nb"'), 'line 1, column 3: expected the end of the string, or an escaped control character, found U+000A'); // prettier-ignore
  });

  it('refuses endless nesting instead of running out of stack', () => {
    assert.match(foundIn('['.repeat(100_000)), /at most 512 levels of nesting/);
    assert.match(foundIn('{"a":'.repeat(100_000)), /at most 512 levels of nesting/);
    const deepest = '['.repeat(512) + ']'.repeat(512);
    assert.equal(stringifyIndented(parse(deepest), { prefix: '', indent: '' }).replaceAll('\n', ''), deepest);
  });

  it('reads a document of some megabytes', () => {
    const long = 'x'.repeat(4_000_000);
    assert.equal(parse(`"${long}\\n"`), `${long}\n`);
    const value = parse(
      `[${Array.from({ length: 200_000 }, (_, index) => `{"k${index}":"\\u0041"}`).join(',')}]`,
    );
    assert.ok(Array.isArray(value) && value.length === 200_000);
  });

  it('refuses a document that no checkout has', () => {
    assert.match(foundIn(' '.repeat(64 * 1024 * 1024 + 1)), /characters long/);
  });
});
