import type { Compressor } from '../format';
import type { WritableCompressor } from './compressor';

interface WithLevel<Name extends Compressor> {
  readonly compressor: Name;
  /** The library's own. */
  readonly level: number;
}

const option = '-Xcompression-level';

/** The part of a compressor that has levels, from 1 on, and no other parameters. @param usual mksquashfs's own level. */
export function levels<Name extends Compressor>(
  compressor: Name,
  highest: number,
  usual: number,
): Pick<WritableCompressor<WithLevel<Name>>, 'readOptions' | 'formatOptions' | 'parseFormatOptions'> {
  return {
    /** The level is the first field. */
    readOptions(options) {
      const level = options !== undefined && options.length >= 4 ? options.readUInt32LE(0) : 0;
      return { compressor, level: level >= 1 && level <= highest ? level : usual };
    },
    formatOptions: { [option]: (_, other) => `${option} is not for ${other}, which has no levels` },
    parseFormatOptions(given, present, refuse) {
      const text = given.get(option);
      if (text === undefined) return present ?? { compressor, level: usual };
      const level = Number(text);
      if (/^\d+$/.test(text) && level >= 1 && level <= highest) return { compressor, level };
      throw refuse(`${option} ${text} is none of the levels of ${compressor}, 1 to ${highest}`);
    },
  };
}
