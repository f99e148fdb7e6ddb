import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatAppSize, formatShare, formatSize } from '../../../src/core/presentation/size';

describe('sizes for people', () => {
  it('uses decimal units and at most three digits', () => {
    const shown = [0, 999, 1000, 4096, 9949, 9950, 999_499, 999_500, 978_000_000, 1.5e12].map(formatSize);
    assert.deepEqual(shown, [
      '0 B',
      '999 B',
      '1 kB',
      '4.1 kB',
      '9.9 kB',
      '10 kB',
      '999 kB',
      '1 MB',
      '978 MB',
      '1.5 TB',
    ]);
  });

  it('never lets a small share round to nothing', () => {
    assert.equal(formatShare(32_768, 978_000_000), '0.003 %');
    assert.equal(formatShare(1, 978_000_000), '< 0.001 %');
    assert.equal(formatShare(0, 978_000_000), '0 %');
    assert.equal(formatShare(123, 1000), '12 %');
    assert.equal(formatShare(15, 1000), '1.5 %');
    assert.equal(formatShare(5, 0), '–');
  });

  it('shows an app by the parts it has', () => {
    assert.equal(formatAppSize(978_000_000, 32_768), '978 MB + 33 kB · 0.003 %');
    assert.equal(formatAppSize(278_528, undefined), '279 kB');
    assert.equal(formatAppSize(undefined, 4096), '+ 4.1 kB');
    assert.equal(formatAppSize(undefined, undefined), '–');
  });
});
