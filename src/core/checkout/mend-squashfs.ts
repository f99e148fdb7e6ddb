import path from 'node:path';
import { Problem } from '../problem';
import { UnusableSquashfs } from '../squashfs/damaged';
import { describeContradiction } from './contradictions/contradictions';
import { requireCheckout } from './find';
import { baseVolume, overlayVolume } from './manifests/volume-name';

/**
 * What to throw in place of an error: where a SquashFS file of an app is missing or damaged, whoever reads it knows of no
 * app, and the checkout knows the command that makes the file anew. Anything else stays what it is.
 */
export async function withMendingCommand(error: unknown): Promise<unknown> {
  if (!(error instanceof UnusableSquashfs)) return error;
  const folder = path.dirname(error.file);
  const volume = path.basename(error.file);
  const isVolume = volume === baseVolume || volume === overlayVolume;
  if (!isVolume || !(await isCheckout(path.dirname(folder)))) return error;
  const { doing, found } = error;
  const app = path.basename(folder);
  const { remedy } = describeContradiction({
    kind: 'damaged-squashfs',
    app,
    file: `${app}/${volume}`,
    found,
  });
  return new Problem({ doing, found, remedy, cause: error });
}

function isCheckout(folder: string): Promise<boolean> {
  return requireCheckout(folder).then(
    () => true,
    () => false,
  );
}
