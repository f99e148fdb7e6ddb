import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergeLists } from '../../../../src/core/checkout/update/merge-lists';

/** Items are `subject=value`, given as text with spaces between them. */
function merge(before: string, after: string, existing: string): string {
  const items = (text: string) => text.split(' ').filter((item) => item !== '');
  return mergeLists({
    before: items(before),
    after: items(after),
    existing: items(existing),
    subject: (item) => item.split('=')[0] ?? '',
  }).join(' ');
}

describe('mergeLists', () => {
  it('gives the new list when the old one lies there', () => {
    assert.equal(merge('a b c', 'a x c d', 'a b c'), 'a x c d');
    assert.equal(merge('', 'a b', ''), 'a b');
    assert.equal(merge('a b', '', 'a b'), '');
  });

  it('leaves items alone that did not change, and those that are not known', () => {
    assert.equal(merge('a=1 b', 'a=1 b', 'x a=9 y'), 'x a=9 y');
  });

  it('changes an item in its place, also one that was written differently', () => {
    assert.equal(merge('a=1 b=1', 'a=1 b=2', 'x b=own a=1'), 'x b=2 a=1');
  });

  it('removes what went away, also where it was written differently', () => {
    assert.equal(merge('a=1 b=1', 'a=1', 'b=own x a=1'), 'x a=1');
  });

  it('puts new items behind those that they follow', () => {
    assert.equal(merge('a c', 'new a b1 b2 c d', 'x a y c z'), 'new x a b1 b2 y c d z');
  });

  it('keeps a new item that lies there already', () => {
    assert.equal(merge('a', 'a b=1', 'b=own a'), 'b=own a');
  });

  it('adds a changed item that is missing', () => {
    assert.equal(merge('a=1 b=1', 'a=1 b=2', 'a=1'), 'a=1 b=2');
  });

  it('tells repeated items apart by their order', () => {
    assert.equal(merge('v=1 v=2', 'v=1 v=3', 'v=1 x v=2'), 'v=1 x v=3');
    assert.equal(merge('v=1 v=2', 'v=2', 'v=1 x v=2'), 'v=2 x');
  });

  it('takes long lists in its stride', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => `k${index}`);
    const merged = mergeLists({ before: [], after: many, existing: ['x'], subject: (item) => item });
    assert.equal(merged.length, many.length + 1);
  });
});
