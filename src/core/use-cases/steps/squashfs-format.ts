import type { ByteString } from '../../bytes/byte-string';
import type { SourceManifest } from '../../checkout/manifests/source-manifest';
import { type SquashfsFormat, writableCompressors } from '../../squashfs/compression';
import type { Compressor } from '../../squashfs/format';
import { parseFormatOptions, pathsToLeaveOut } from '../../squashfs/format-options';

/**
 * How an app's SquashFS files are to be written: as `format_options` says, and where it says nothing like `present`, a file
 * that the device can read already.
 */
export function formatOf({ fields }: SourceManifest, present: SquashfsFormat): SquashfsFormat {
  return parseFormatOptions(fields.format_options ?? '', present);
}

/** The paths of an app's image that `format_options` leave out of its SquashFS files. */
export function leftOutOf({ fields }: SourceManifest): readonly ByteString[] {
  return pathsToLeaveOut(fields.format_options ?? '');
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
 * What to say before a new base takes the place of one that was packed with filters of xz that can't be written; undefined of any
 * other, and where another compressor is wanted, by whoever wanted it. An overlay is too small for them to matter.
 */
export function warningOfFilters(
  unwritableFilters: readonly string[],
  wanted: SquashfsFormat,
): string | undefined {
  if (unwritableFilters.length === 0 || wanted.compression.compressor !== 'xz') return undefined;
  return (
    `the present base is packed with the ${unwritableFilters.join(', ')} filter of xz, which can't be written here, so the new one may be larger; ` +
    `a patch leaves the present one as it is`
  );
}

/** Of a file that is packed with xz's arm64 filter, of its device. */
export const arm64NeedsKernel = "kernels before 6.12 can't read what is packed with xz's arm64 filter";

/**
 * What to say before a file is packed with a filter that only new kernels know; undefined where the device reads `present`, which
 * is packed with it already.
 */
export function warningOfNewFilter(
  file: string,
  present: SquashfsFormat | undefined,
  wanted: SquashfsFormat,
): string | undefined {
  if (!hasArm64(wanted) || (present !== undefined && hasArm64(present))) return undefined;
  return (
    `${arm64NeedsKernel}, as ${file} is: they mount it, and fail to read files of it; ` +
    `check the version of the device's kernel, or leave arm64 out of -Xbcj in "format_options" of src.json`
  );
}

function hasArm64({ compression }: SquashfsFormat): boolean {
  return compression.compressor === 'xz' && compression.filters?.includes('arm64') === true;
}
