import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collectName } from '../../../src/cli/program/app-values';

describe('names of apps on the command line', () => {
  it('count once, in the order of their first mention', () => {
    const names = ['web', 'shop', 'web', 'shop/'].reduce<readonly string[]>(
      (earlier, name) => collectName(name, earlier),
      [],
    );
    assert.deepEqual(names, ['web', 'shop']);
  });
});
