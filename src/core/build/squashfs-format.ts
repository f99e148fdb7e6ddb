import path from 'node:path';
import type { SourceManifest } from '../checkout/source-manifest';
import { baseVolume } from '../checkout/volume-name';
import { defaultFormat, type SquashfsFormat } from '../squashfs/compression';
import { parseFormatOptions } from '../squashfs/format-options';
import { SquashfsReader } from '../squashfs/reader';
import type { BuildEnvironment } from './environment';

/**
 * How an app's SquashFS files are to be written: as `format_options` says, and where it says nothing like `present`, a file
 * that the device can read already.
 */
export function formatOf({ fields }: SourceManifest, present: SquashfsFormat): SquashfsFormat {
  return parseFormatOptions(fields.format_options ?? '', present);
}

/** The format of an app's base as it lies there; pvr's own, xz, where there is none or none that can be read. */
export async function formatOfBase(
  checkoutDirectory: string,
  app: string,
  { pool }: BuildEnvironment,
): Promise<SquashfsFormat> {
  try {
    const reader = await SquashfsReader.open(path.join(checkoutDirectory, app, baseVolume), pool.directory);
    await reader.close();
    return reader.format;
  } catch {
    return defaultFormat;
  }
}
