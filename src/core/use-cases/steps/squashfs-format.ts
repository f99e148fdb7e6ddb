import type { SourceManifest } from '../../checkout/manifests/source-manifest';
import type { SquashfsFormat } from '../../squashfs/compression';
import { parseFormatOptions } from '../../squashfs/format-options';

/**
 * How an app's SquashFS files are to be written: as `format_options` says, and where it says nothing like `present`, a file
 * that the device can read already.
 */
export function formatOf({ fields }: SourceManifest, present: SquashfsFormat): SquashfsFormat {
  return parseFormatOptions(fields.format_options ?? '', present);
}
