import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { distinctNames } from '../../../src/ui/model/checkouts';

/** In the order of the folders, both as on any system. */
function names(...folders: readonly string[]): readonly string[] {
  const directories = folders.map((folder) => path.resolve(folder));
  const named = distinctNames(directories);
  return directories.map((directory) => (named.get(directory) ?? '').replaceAll(path.sep, '/'));
}

describe('the names of checkouts', () => {
  it('are those of their folders', () => {
    assert.deepEqual(names('/work/a', '/work/b', '/work/b/c'), ['a', 'b', 'c']);
  });

  it('begin with the folders above where several are called the same', () => {
    assert.deepEqual(names('/work/a/device', '/work/b/device', '/work/spare'), [
      'a/device',
      'b/device',
      'spare',
    ]);
    assert.deepEqual(names('/work/a/x/device', '/work/b/x/device', '/work/b/y/device'), [
      'a/x/device',
      'b/x/device',
      'y/device',
    ]);
  });

  it('differ also where one lies in the other', () => {
    assert.deepEqual(names('/device', '/device/device'), [
      path.resolve('/device').replaceAll(path.sep, '/'),
      'device/device',
    ]);
  });
});
