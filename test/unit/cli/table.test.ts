import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatTable } from '../../../src/cli/table';

describe('a table', () => {
  it('has columns two spaces apart, and no space at the end of a line', () => {
    const rows = [
      ['APP', 'SIZE', 'KIND'],
      ['web', '1 MB', 'patched'],
      ['database', '12 MB', ''],
    ];
    assert.equal(
      formatTable(rows),
      ['APP       SIZE   KIND', 'web       1 MB   patched', 'database  12 MB'].join('\n'),
    );
  });

  it('can have its numbers to the right', () => {
    const rows = [
      ['a', '1 kB', 'x'],
      ['b', '999 kB', 'y'],
    ];
    assert.equal(formatTable(rows, new Set([1])), ['a    1 kB  x', 'b  999 kB  y'].join('\n'));
  });

  it('may have rows of several lengths, or none at all', () => {
    assert.equal(formatTable([['a', 'b'], ['long'], []]), ['a     b', 'long', ''].join('\n'));
    assert.equal(formatTable([]), '');
  });

  it('counts the columns that characters take in a terminal', () => {
    const rows = [
      ['/café', '1 kB'],
      ['/日本.txt', '20 kB'],
    ];
    assert.equal(formatTable(rows, new Set([1])), ['/café       1 kB', '/日本.txt  20 kB'].join('\n'));
  });
});
