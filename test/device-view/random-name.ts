import { type ByteString, byteStringFromText } from '../../src/core/bytes/byte-string';
import type { Random } from './random';

/** Siblings whose order with and without a slash behind them differs, which has misled tools that sort whole paths. */
const siblings = ['foo', 'foo-bar', 'foo.d', 'foo+x', 'foo!', 'foo0', 'foo bar', 'Foo', 'fo'] as const;

const plain = ['a', 'b', 'bin', 'lib', 'etc', 'var', 'data', 'x1', 'x2', 'config.json', '.hidden'] as const;

const odd: readonly [ByteString, ...ByteString[]] = [
  'n'.repeat(255),
  byteStringFromText('é'.repeat(127)),
  byteStringFromText('naïve – 日本語 🚀'),
  byteStringFromText('e\u0301 is not \u00e9'),
  '\xff\xfe\x80 not UTF-8',
  'two\nlines',
  'carriage\rreturn',
  'tab\tand \x01\x1b[31m\x7f',
  ' space in front',
  'space behind ',
  '-rf',
  '--help',
  '...',
  '..x',
  '~',
  '*',
  '$HOME',
  '`id`',
  '"quoted"',
  "it's",
  'back\\slash',
  '\\012',
  'a=b',
  '%3D%25',
  '#hash',
  'c:d',
  'x.wh.y',
  'wh.x',
  'opq',
  'zopq',
  '.opq',
  'a.wh..wh..opq',
  'pax-header',
  'con',
];

/** A name that a file may have; those that begin with `.wh.` can't be said in a layer. */
export function randomName(random: Random): ByteString {
  const kind = random.below(10);
  if (kind < 5) return random.pick(siblings);
  if (kind < 8) return random.pick(plain);
  return random.pick(odd);
}
