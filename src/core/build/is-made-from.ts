import path from 'node:path';
import { readTextFile } from '../checkout/text-file';
import { SquashfsReader } from '../squashfs/reader';
import type { BuildEnvironment } from './environment';

/**
 * Whether a SquashFS file is there, whole as far as its superblock tells, and made from this image. pvr looks at the digest
 * beside it only, and leaves a missing file missing (appdockerlib.go:265-270).
 *
 * @param file path below the checkout.
 */
export async function isMadeFrom(
  checkoutDirectory: string,
  file: string,
  digest: string,
  environment: BuildEnvironment,
): Promise<boolean> {
  if ((await readTextFile(checkoutDirectory, `${file}.docker-digest`)) !== digest) return false;
  return isWhole(path.join(checkoutDirectory, file), environment);
}

/** Whether a SquashFS file is there, whole as far as its superblock tells. */
export async function isWhole(file: string, { pool }: BuildEnvironment): Promise<boolean> {
  try {
    const reader = await SquashfsReader.open(file, pool.directory);
    await reader.close();
    return true;
  } catch {
    return false;
  }
}
