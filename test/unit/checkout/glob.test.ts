import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesGlob } from '../../../src/core/checkout/glob';

/** What glibc's fnmatch(3) says, with FNM_PATHNAME, and FNM_LEADING_DIR for what stands before `/**`. */
const answers: readonly (readonly [pattern: string, path: string, matches: boolean])[] = [
  ['web', 'web', true],
  ['web', 'web/src.json', false],
  ['web', 'webs', false],
  ['web/*', 'web/src.json', true],
  ['web/*', 'web/_dm/root.json', false],
  ['web/*', 'web/', true],
  ['web/*', 'web', false],
  ['web/*', 'web/.hidden', true],
  ['*/src.json', 'web/src.json', true],
  ['*/src.json', 'web/x/src.json', false],
  ['*', 'device.json', true],
  ['*', 'web/src.json', false],
  ['*.json', '.json', true],
  ['w?b', 'web', true],
  ['w?b', 'wb', false],
  ['a?c', 'a/c', false],
  ['a*c', 'a/c', false],
  ['a*b*c', 'aXbYbZc', true],
  ['a*b*c', 'acb', false],
  ['*aab', 'aaaab', true],
  ['[wx]eb', 'web', true],
  ['[!wx]eb', 'web', false],
  ['[^wx]eb', 'aeb', true],
  ['[a-c]x', 'bx', true],
  ['[a-c]x', 'dx', false],
  ['[a-]', '-', true],
  ['[]a]', ']', true],
  ['[!]a]', ']', false],
  ['[!]b]', 'a', true],
  ['[', '[', true],
  ['[ab', '[ab', true],
  [']', ']', true],
  ['[[:alpha:]]', 'a', true],
  ['[[:alpha:]]', '1', false],
  ['[![:digit:]]x', 'ax', true],
  ['[]*[:alpha:]]', ']', true],
  ['[[:upper:]-]*', 'Ab', true],
  ['[[:upper:]-]*', 'ab', false],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['\\a', 'a', true],
  ['\\', '\\', false],
  ['web/**', 'web/src.json', true],
  ['web/**', 'web/a/b/c', true],
  ['web/**', 'web', true],
  ['web/**', 'webs/src.json', false],
  ['_config/web/**', '_config/web/etc/my motd', true],
  ['_config/web/**', '_config/webs/etc', false],
  ['w*/**', 'web/a/b', true],
  ['w*/**', 'a/web/b', false],
  ['*/_dm/**', 'web/_dm/root.squashfs.json', true],
  ['a/**/c', 'a/b/c', true],
  ['a/**/c', 'a/b/b/c', false],
  ['', '', true],
  ['', 'a', false],
];

describe('a pattern of a signature', () => {
  for (const [pattern, path, matches] of answers) {
    it(`"${pattern}" ${matches ? 'matches' : 'does not match'} "${path}"`, () => {
      assert.equal(matchesGlob(pattern, path), matches);
    });
  }

  it('"**" means everything to pvr, which made the signature', () => {
    assert.ok(matchesGlob('**', 'web/src.json'));
  });

  it('costs little, whatever it is', () => {
    assert.equal(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(20_000)), false);
  });
});

describe('a glob on the device, which knows bytes alone', () => {
  for (const [pattern, path, expected] of [
    ['a?b', 'a\u263ab', false],
    ['a???b', 'a\u263ab', true],
    ['\u263a', '\u263a', true],
    ['\\/', '/', true],
    ['a\\/b', 'a/b', true],
    ['a\\\\/b', 'a\\/b', true],
    ['[!a/]', 'b', false],
  ] as const) {
    it(`${pattern} ${expected ? 'matches' : 'does not match'} ${path}`, () => {
      assert.equal(matchesGlob(pattern, path), expected);
    });
  }
});
