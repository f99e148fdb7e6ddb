import assert from 'node:assert/strict';
import { it } from 'node:test';
import { shortList } from '../../../src/core/presentation/short-list';

it('a list that is too long ends with how many more there are, which are never one', () => {
  assert.equal(shortList([], 2), '');
  assert.equal(shortList(['a', 'b'], 2), 'a, b');
  assert.equal(shortList(['a', 'b', 'c'], 2), 'a, b, c');
  assert.equal(shortList(['a', 'b', 'c', 'd'], 2), 'a, b and 2 more');
});
