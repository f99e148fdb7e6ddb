import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { displayWidth } from '../../../src/cli/table';

describe('the columns that a text takes', () => {
  for (const [what, text, columns] of [
    ['ASCII', 'etc/hosts', 9],
    ['accents, composed', 'café', 4],
    ['accents, as macOS decomposes them', 'café'.normalize('NFD'), 4],
    ['a combining mark alone', '\u0301', 0],
    ['Chinese and Japanese', '日本のテキスト', 14],
    ['Chinese beyond the first 65536 characters', '𠀀', 2],
    ['halfwidth katakana', 'ﾃｷｽﾄ', 4],
    ['fullwidth letters', 'ＡＢ', 4],
    ['Korean', '한국', 4],
    ['Korean, as macOS decomposes it', '한국'.normalize('NFD'), 4],
    ['emoji', '🚀', 2],
    ['emoji of several', '👩‍💻🇩🇪👍🏽', 6],
    ['letters of other scripts', 'привет', 6],
    ['vowel signs with a column of their own', 'कि', 2],
    ['a zero-width space', 'a\u200bb', 2],
    ['an arrow, as a change of a mode has', '0755 → 0700', 11],
  ] as const) {
    it(`of ${what}`, () => assert.equal(displayWidth(text), columns));
  }
});
