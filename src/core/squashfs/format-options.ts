import { type ByteString, byteStringFromText, byteStringToText } from '../bytes/byte-string';
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

/** Paths to leave out follow it; for mksquashfs, nothing else may follow these. */
const leaveOut = '-e';

/** Those of mksquashfs's other options (4.5 to 4.7) that say what is in the file or how it lies there. */
const notDoneHere: ReadonlySet<string> = new Set([
  ...['-noI', '-noId', '-noD', '-noF', '-noX', '-no-compression'],
  ...['-no-fragments', '-always-use-fragments', '-tailends', '-no-duplicates', '-no-sparse', '-no-exports'],
  ...['-no-hardlinks', '-nopad', '-offset', '-o', '-not-reproducible', '-keep-as-directory', '-no-strip'],
  ...[
    '-all-root',
    '-root-owned',
    '-force-uid',
    '-force-gid',
    '-uid-gid-offset',
    '-default-uid',
    '-default-gid',
  ],
  ...[
    '-force-file-mode',
    '-force-dir-mode',
    '-default-mode',
    '-root-mode',
    '-root-uid',
    '-root-gid',
    '-root-time',
  ],
  ...['-root-becomes', '-all-time', '-inode-time', '-mkfs-time', '-fstime', '-mkfs-inode-time'],
  ...['-no-xattrs', '-xattrs-exclude', '-xattrs-include', '-xattrs-add'],
  ...[
    '-p',
    '-pf',
    '-pd',
    '-pseudo-dir',
    '-pseudo-override',
    '-sort',
    '-ef',
    '-wildcards',
    '-regex',
    '-max-depth',
  ],
  ...['-one-file-system', '-one-file-system-x', '-action', '-a', '-af', '-action-file', '-tar', '-cpiostyle'],
  ...['-Xstrategy', '-Xwindow-size', '-Xhc', '-Xalgorithm'],
]);

/**
 * Reads an app's `format_options`: options of mksquashfs with spaces between them, which pvr hands to it as they are
 * (pvr, libpvr/applib.go, MakeSquash). Where they say nothing, the file is to be like `present`.
 * @throws Problem for options that would change the file in a way that can't be written here.
 */
export function parseFormatOptions(text: string, present: SquashfsFormat): SquashfsFormat {
  const refuse = refusalOf(text);
  const { given } = readWords(text, refuse);
  const blockSize = given.get('-b');
  return {
    compression: compressionOf(given, present.compression, refuse),
    blockSize: blockSize === undefined ? present.blockSize : parseBlockSize(blockSize, refuse),
  };
}

/**
 * The paths that an app's `format_options` leave out of its image, without slashes at their ends: `lib/modules`.
 * @throws Problem for options that {@link parseFormatOptions} refuses by their names, and paths that can't be taken literally.
 */
export function pathsToLeaveOut(text: string): readonly ByteString[] {
  const refuse = refusalOf(text);
  return readWords(text, refuse).leftOut.map((word) => parsePath(word, refuse));
}

/** The `format_options` that ask for a format, whatever the present file is like, and for paths to be left out. */
export function formatOptionsFor(
  { compression, blockSize }: SquashfsFormat,
  leftOut: readonly ByteString[],
): string {
  const size = blockSize % 2 ** 20 === 0 ? `${blockSize / 2 ** 20}M` : `${blockSize / 1024}K`;
  return [
    `-comp ${compression.compressor} -b ${size}`,
    ...('level' in compression ? [`-Xcompression-level ${compression.level}`] : []),
    ...('filters' in compression ? [`-Xbcj ${compression.filters.join(',')}`] : []),
    ...leftOut.map((path) => `${leaveOut} ${byteStringToText(path)}`),
  ].join(' ');
}

/** Makes a `Problem` of what was found. */
type Refuse = (found: string) => Problem;

function refusalOf(text: string): Refuse {
  return (found) =>
    new Problem({
      doing: `reading the format options ${JSON.stringify(text)}`,
      found,
      remedy:
        `Use only what is understood: -comp ${choice([...writableCompressors.keys()])}; -b with 4K to 1M; -Xcompression-level for gzip and zstd; ` +
        `-Xbcj and -Xdict-size 100% for xz; as the last, -e with paths to leave out; ` +
        `and, without effect, ${[...withoutEffect, ...valuesWithoutEffect].join(', ')}`,
    });
}

interface Words {
  readonly given: Settings;
  /** As they were written. */
  readonly leftOut: readonly string[];
}

/** As with mksquashfs, the last of several holds. */
function readWords(text: string, refuse: Refuse): Words {
  const given = new Map<string, string>();
  const words = text.split(' ').filter((word) => word !== '');
  for (let option = words.shift(); option !== undefined; option = words.shift()) {
    if (withoutEffect.has(option)) continue;
    if (option === leaveOut) return { given, leftOut: readLeftOut(words, refuse) };
    if (notDoneHere.has(option)) throw refuse(`mksquashfs knows ${option}, and it can't be done here`);
    if (!settings.has(option) && !valuesWithoutEffect.has(option)) {
      throw refuse(`${option} is not understood`);
    }
    const value = words.shift();
    if (value === undefined) throw refuse(`${option} lacks its value`);
    if (settings.has(option)) given.set(option, value);
  }
  return { given, leftOut: [] };
}

/**
 * For mksquashfs all further words are paths, options and `-e` too, of which none is there. It is repeated nevertheless, as by
 * meta-pantavisor (container-pvrexport.bbclass), and then nothing but a separator.
 */
function readLeftOut(words: readonly string[], refuse: Refuse): readonly string[] {
  const paths = words.filter((word) => word !== leaveOut);
  if (paths.length === 0 || words.at(-1) === leaveOut) throw refuse(`${leaveOut} lacks its paths`);
  const option = paths.find((word) => word.startsWith('-'));
  if (option === undefined) return paths;
  throw refuse(`${option} follows ${leaveOut}, and what does so is a path for mksquashfs, not an option`);
}

/** From the image's root, however it begins. */
function parsePath(text: string, refuse: Refuse): ByteString {
  const names = text.split('/').filter((name) => name !== '' && name !== '.');
  if (names.length === 0) throw refuse(`${leaveOut} ${text} leaves out all of the image`);
  if (names.includes('..')) throw refuse(`${leaveOut} ${text} leads upwards ("..")`);
  if (/[*?[\]\\]/.test(text))
    throw refuse(`${leaveOut} ${text} is a pattern, and only paths can be left out`);
  return byteStringFromText(names.join('/'));
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
