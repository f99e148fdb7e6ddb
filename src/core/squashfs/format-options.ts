import { Problem } from '../problem';
import { type Compression, type SquashfsFormat, writableCompressors } from './compression';
import { largestBlockSize, smallestBlockSize } from './format';

/** Options of the compressors, with what is said of those that are for others. */
const compressorOptions = new Map(
  [...writableCompressors.values()].flatMap(({ formatOptions }) => Object.entries(formatOptions)),
);
/** Options of mksquashfs that say what the file is to look like; each has a value. */
const settings: ReadonlySet<string> = new Set(['-comp', '-b', ...compressorOptions.keys()]);
type Settings = ReadonlyMap<string, string>;

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
        `Use only what is understood: -comp ${choice([...writableCompressors.keys()])}; -b with 4K to 1M; -Xcompression-level for gzip and zstd; ` +
        `-Xdict-size 100%; and, without effect, ${[...withoutEffect, ...valuesWithoutEffect].join(', ')}`,
    });
  const given = readSettings(text, refuse);
  const blockSize = given.get('-b');
  return {
    compression: compressionOf(given, present.compression, refuse),
    blockSize: blockSize === undefined ? present.blockSize : parseBlockSize(blockSize, refuse),
  };
}

/** Makes a `Problem` of what was found. */
type Refuse = (found: string) => Problem;

/** As with mksquashfs, the last of several holds. */
function readSettings(text: string, refuse: Refuse): Settings {
  const given = new Map<string, string>();
  const words = text.split(' ').filter((word) => word !== '');
  for (let option = words.shift(); option !== undefined; option = words.shift()) {
    if (withoutEffect.has(option)) continue;
    if (!settings.has(option) && !valuesWithoutEffect.has(option)) {
      throw refuse(`${option} is not understood`);
    }
    const value = words.shift();
    if (value === undefined) throw refuse(`${option} lacks its value`);
    if (settings.has(option)) given.set(option, value);
  }
  return given;
}

function compressionOf(given: Settings, present: Compression, refuse: Refuse): Compression {
  const name = given.get('-comp');
  const wanted = name ?? present.compressor;
  const compressor = writableCompressors.get(wanted);
  if (compressor === undefined) throw refuse(`-comp ${wanted} can't be written here`);
  for (const [option, foreign] of compressorOptions) {
    const value = given.get(option);
    if (value !== undefined && !(option in compressor.formatOptions)) {
      throw refuse(foreign(value, compressor.name));
    }
  }
  return compressor.parseFormatOptions(given, name === undefined ? present : undefined, refuse);
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

/** `a, b or c` */
function choice(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), names.at(-1)].join(' or ');
}
