import assert from 'node:assert/strict';
import { it } from 'node:test';
import { capitalized } from '../../../src/ui/capitalized';

it('a sentence begins with a capital letter, unless it begins with a name', () => {
  assert.equal(capitalized('it is empty'), 'It is empty');
  assert.equal(capitalized('web has no run.json', 'web'), 'web has no run.json');
  assert.equal(capitalized('webs are no web', 'web'), 'Webs are no web');
  for (const named of ['shop/src.json is empty', 'run.json of web', 'localhost:5000 does not have it'])
    assert.equal(capitalized(named), named);
});
