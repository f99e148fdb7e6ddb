import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goString, stringifyIndented } from '../../../src/core/json/indented';
import { withSortedKeys } from '../../../src/core/json/key-order';
import { parseJson } from '../../../src/core/json/parse';
import { withoutNulls } from '../../../src/core/json/value';

const parse = (text: string) => parseJson(text, 'test');

describe('stringifyIndented', () => {
  it("lays a document out as Go's json.MarshalIndent does", () => {
    const value = parse('{"b":{"z":[],"y":{}},"a":[1,[true,null],{"k":"v"}],"n":1.50}');
    assert.equal(
      stringifyIndented(value, { prefix: '>', indent: '\t' }),
      [
        '{',
        '>\t"b": {',
        '>\t\t"z": [],',
        '>\t\t"y": {}',
        '>\t},',
        '>\t"a": [',
        '>\t\t1,',
        '>\t\t[',
        '>\t\t\ttrue,',
        '>\t\t\tnull',
        '>\t\t],',
        '>\t\t{',
        '>\t\t\t"k": "v"',
        '>\t\t}',
        '>\t],',
        '>\t"n": 1.50',
        '>}',
      ].join('\n'),
    );
  });

  it('writes scalars and empty documents on one line', () => {
    for (const text of ['{}', '[]', 'null', 'false', '"x"', '12']) {
      assert.equal(stringifyIndented(parse(text), { prefix: '>', indent: '\t' }), text);
    }
  });

  it('quotes strings as Go does', () => {
    assert.equal(
      goString('<a href="x">&\\</a>'),
      '"\\u003ca href=\\"x\\"\\u003e\\u0026\\\\\\u003c/a\\u003e"',
    );
    assert.equal(goString('\b\f\n\r\t\u0000\u001f\u007f'), '"\\u0008\\u000c\\n\\r\\t\\u0000\\u001f\u007f"');
    assert.equal(goString('é😀\u2028\u2029'), '"é😀\\u2028\\u2029"');
  });

  it('quotes keys like strings', () => {
    assert.equal(stringifyIndented(parse('{"<":1}'), { prefix: '', indent: ' ' }), '{\n "\\u003c": 1\n}');
  });
});

describe('withSortedKeys', () => {
  it('orders the keys of every object, and leaves lists alone', () => {
    const sorted = withSortedKeys(parse('{"b":[{"d":1,"c":2},1,0],"a":{"10":1,"9":2}}'));
    assert.equal(
      stringifyIndented(sorted, { prefix: '', indent: '' }).replaceAll('\n', ''),
      '{"a": {"10": 1,"9": 2},"b": [{"c": 2,"d": 1},1,0]}',
    );
  });
});

describe('withoutNulls', () => {
  it('prunes objects and lists at every depth', () => {
    assert.deepEqual(
      withoutNulls(parse('{"a":null,"b":[1,null,{"x":null}],"c":{"d":{"e":null}}}')),
      parse('{"b":[1,{}],"c":{"d":{}}}'),
    );
  });

  it('leaves a document that is null as a whole', () => assert.equal(withoutNulls(parse('null')), null));
});
