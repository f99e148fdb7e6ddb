import { Problem } from '../problem';
import { type Compression, defaultLevel, type SquashfsFormat } from './compression';
import { largestBlockSize, smallestBlockSize } from './format';

/** Options of mksquashfs that say what the file is to look like; each has a value. */
const settings = ['-comp', '-b', '-Xcompression-level', '-Xdict-size'] as const;
type Settings = ReadonlyMap<(typeof settings)[number], string>;

/** Options that change nothing: what they ask for is always so, or it is about how mksquashfs itself runs. */
const withoutEffect: ReadonlySet<string> = new Set([
  '-exit-on-error',
  '-exports',
  '-info',
  '-no-progress',
  '-no-recovery',
  '-no-tailends',
  '-noappend',
  '-progress',
  '-quiet',
  '-reproducible',
  '-xattrs',
]);
const valuesWithoutEffect: ReadonlySet<string> = new Set(['-limit', '-mem', '-processors', '-throttle']);

/**
 * Reads an app's `format_options`: options of mksquashfs with spaces between them, which pvr hands to it as they are
 * (pvr, libpvr/applib.go, MakeSquash). Where they say nothing, the file is to be like `present`.
 * @throws Problem for options that would change the file in a way that can't be written here.
 */
export function parseFormatOptions(text: string, present: SquashfsFormat): SquashfsFormat {
  const refuse = (found: string) =>
    new Problem({
      doing: `reading the format options ${JSON.stringify(text)}`,
      found,
      remedy:
        'Use only what is understood: -comp xz, gzip or zstd; -b with 4K to 1M; -Xcompression-level for gzip and zstd; ' +
        `-Xdict-size 100%; and, without effect, ${[...withoutEffect, ...valuesWithoutEffect].join(', ')}`,
    });
  const given = readSettings(text, refuse);
  const compression = compressionOf(given, present.compression, refuse);
  const dictionarySize = given.get('-Xdict-size');
  if (dictionarySize !== undefined && (compression.compressor !== 'xz' || dictionarySize !== '100%')) {
    throw refuse(
      `-Xdict-size ${dictionarySize} asks for something else than xz with a dictionary as large as a block`,
    );
  }
  const blockSize = given.get('-b');
  return {
    compression,
    blockSize: blockSize === undefined ? present.blockSize : parseBlockSize(blockSize, refuse),
  };
}

/** Makes a `Problem` of what was found. */
type Refuse = (found: string) => Problem;

/** As with mksquashfs, the last of several holds. */
function readSettings(text: string, refuse: Refuse): Settings {
  const given = new Map<(typeof settings)[number], string>();
  const words = text.split(' ').filter((word) => word !== '');
  for (let option = words.shift(); option !== undefined; option = words.shift()) {
    if (withoutEffect.has(option)) continue;
    const setting = settings.find((name) => name === option);
    if (setting === undefined && !valuesWithoutEffect.has(option)) {
      throw refuse(`${option} is not understood`);
    }
    const value = words.shift();
    if (value === undefined) throw refuse(`${option} lacks its value`);
    if (setting !== undefined) given.set(setting, value);
  }
  return given;
}

function compressionOf(given: Settings, present: Compression, refuse: Refuse): Compression {
  const name = given.get('-comp');
  const level = given.get('-Xcompression-level');
  const compressor = name ?? present.compressor;
  switch (compressor) {
    case 'xz':
      if (level !== undefined) throw refuse('-Xcompression-level is not for xz, which has no levels');
      return { compressor };
    case 'gzip':
    case 'zstd': {
      if (level !== undefined) return { compressor, level: parseLevel(level, compressor, refuse) };
      return name === undefined ? present : { compressor, level: defaultLevel[compressor] };
    }
    default:
      throw refuse(`-comp ${compressor} can't be written here`);
  }
}

function parseLevel(text: string, compressor: 'gzip' | 'zstd', refuse: Refuse): number {
  const highest = { gzip: 9, zstd: 22 }[compressor];
  const level = Number(text);
  if (!/^\d+$/.test(text) || level < 1 || level > highest) {
    throw refuse(`-Xcompression-level ${text} is none of the levels of ${compressor}, 1 to ${highest}`);
  }
  return level;
}

function parseBlockSize(text: string, refuse: Refuse): number {
  const [, digits, unit = ''] = /^(\d+)([KkMm]?)$/.exec(text) ?? [];
  const size = Number(digits) * (unit === '' ? 1 : unit.toUpperCase() === 'K' ? 1024 : 1024 * 1024);
  const isPowerOfTwo = Number.isInteger(Math.log2(size));
  if (!isPowerOfTwo || size < smallestBlockSize || size > largestBlockSize) {
    throw refuse(`-b ${text} is none of the block sizes, the powers of two from 4K to 1M`);
  }
  return size;
}
