import type { SourceManifest } from '../../checkout/manifests/source-manifest';
import { type SquashfsFormat, writableCompressors } from '../../squashfs/compression';
import type { Compressor } from '../../squashfs/format';
import { parseFormatOptions } from '../../squashfs/format-options';

/**
 * How an app's SquashFS files are to be written: as `format_options` says, and where it says nothing like `present`, a file
 * that the device can read already.
 */
export function formatOf({ fields }: SourceManifest, present: SquashfsFormat): SquashfsFormat {
  return parseFormatOptions(fields.format_options ?? '', present);
}

/** What to say before a file is made over, or in place of, a base whose compressor can't be written; undefined of any other. */
export function warningOfCompressor(
  file: string,
  present: Compressor,
  wanted: SquashfsFormat,
): string | undefined {
  if (writableCompressors.has(present)) return undefined;
  return (
    `the base is compressed with ${present}, which this build can't write, so ${file} is made with ${wanted.compression.compressor}; ` +
    `check that the device's kernel reads it, or choose another with "format_options" in src.json`
  );
}

/**
 * What to say before a new base takes the place of one that was packed with filters of xz; undefined of any other, and where
 * another compressor is wanted, by whoever wanted it. An overlay is too small for them to matter.
 */
export function warningOfFilters(filters: readonly string[], wanted: SquashfsFormat): string | undefined {
  if (filters.length === 0 || wanted.compression.compressor !== 'xz') return undefined;
  const [word, verb] = filters.length === 1 ? ['filter', 'is'] : ['filters', 'are'];
  return (
    `the present base is packed with the ${filters.join(', ')} ${word} of xz, which ${verb} not used here, so the new one may be larger; ` +
    `a patch leaves the present one as it is`
  );
}
