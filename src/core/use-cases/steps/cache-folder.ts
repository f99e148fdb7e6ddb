import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { stateFile } from '../../checkout/state';
import { defaultCacheDirectory } from '../../image/blob-cache/settings';
import type { ProcessEnvironment } from '../../net/process-environment';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';

/**
 * The folder for all that is cached; an absolute path.
 *
 * @throws Problem when it is no absolute path, or would lie in a checkout, where `pvr add .` takes what it holds for a part of
 * the device's state.
 */
export function cacheFolder(outside: ProcessEnvironment): string {
  const directory = defaultCacheDirectory(outside);
  const checkout = checkoutAround(whereItLies(directory));
  if (checkout === undefined) return directory;
  throw new Problem({
    doing: 'looking for the cache folder',
    found: `${directory} lies in the checkout ${checkout}, where pvr add would take it for a part of the device`,
    remedy: remedy`Name another folder in ${way.setting('cacheDirectory')}`,
  });
}

/** It need not be there yet; symbolic links may lead anywhere. */
function whereItLies(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    const parent = path.dirname(folder);
    return parent === folder ? folder : path.join(whereItLies(parent), path.basename(folder));
  }
}

/** A `.pvr` without a state makes no checkout: pvr keeps its logins in such a one in people's homes. */
function checkoutAround(folder: string): string | undefined {
  if (existsSync(path.join(folder, stateFile))) return folder;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : checkoutAround(parent);
}
