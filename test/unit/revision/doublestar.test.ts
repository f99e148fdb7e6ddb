import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesDoublestar } from '../../../src/core/revision/doublestar';
import { matchesOnDevice } from '../../../src/core/revision/verify-as-device';

/** Pattern, path, what doublestar 1.3.4 says, and what a device does. */
const cases: readonly (readonly [string, string, boolean | undefined, boolean])[] = [
  ['web/**', 'web/run.json', true, true],
  ['web/**', 'web/a/b/c', true, true],
  ['web/**', 'webx/run.json', false, false],
  ['web/**', 'web', false, true],
  ['**', '#spec', true, false],
  ['**', 'web/run.json', true, false],
  ['*/**', 'web/run.json', true, true],
  ['*/**', 'device.json', false, true],
  ['*', 'device.json', true, true],
  ['*', 'web/run.json', false, false],
  ['**/src.json', 'src.json', true, false],
  ['**/src.json', 'web/src.json', true, true],
  ['**/src.json', 'web/a/src.json', true, false],
  ['web/a/**/x', 'web/a/x', true, false],
  ['web/a/**/x', 'web/a/b/x', true, true],
  ['web/a/**/x', 'web/a/b/c/x', true, false],
  ['web/{run,n}.json', 'web/n.json', true, false],
  ['web/{a/b,c}', 'web/a/b', true, false],
  ['web/[!r]un', 'web/!un', true, true],
  ['web/[!r]un', 'web/xun', false, true],
  ['web/[^r]un', 'web/xun', true, true],
  ['web/[^r]un', 'web/run', false, false],
  ['web/[a-c]', 'web/ü', false, false],
  ['web/?', 'web/ü', true, false],
  ['web/\\*', 'web/*', true, true],
  ['web/[', 'web/x', undefined, false],
  ['web/[-a]', 'web/a', undefined, true],
  ['web/{a', 'web/a', undefined, false],
  ['web/\\', 'web/a', undefined, false],
];

describe('patterns', () => {
  for (const [pattern, path, pvr, device] of cases) {
    it(`${pattern} and ${path}: as pvr matches, and as a device does`, () => {
      assert.equal(matchesDoublestar(pattern, path), pvr);
      assert.equal(matchesOnDevice(pattern, path), device);
    });
  }

  it('of whoever means no good end all the same', () => {
    const path = 'a'.repeat(200);
    for (const pattern of [
      '*a'.repeat(100) + 'b',
      '{a,b}'.repeat(40),
      '**/'.repeat(60) + 'b',
      '{'.repeat(9999),
    ])
      assert.notEqual(matchesDoublestar(pattern, path), true);
  });
});
