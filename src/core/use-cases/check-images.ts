import { OpenedCheckout } from '../checkout/opened-checkout';
import { concurrently } from '../files/concurrently';
import type { Job } from '../job';
import { Problem } from '../problem';
import type { Remedy } from '../remedy';
import type { BuildEnvironment } from './environment';
import { readDockerManifest } from './steps/app-manifest';
import { requestForUpdate } from './steps/image-request';
import { installedDigest, withRecordedDigest } from './steps/recorded-digests';

/** Whether the image that an app's tag names is still the one that is installed. Plain data. */
export type ImageCheck = {
  readonly app: string;
  /** `nginx:1.27`. */
  readonly reference: string;
  /** The digest of the installed image, as src.json has it. */
  readonly installed: string;
} & (
  | { readonly state: 'current' }
  | { readonly state: 'moved'; readonly current: string }
  | { readonly state: 'failed'; readonly found: string; readonly remedy: Remedy }
);

/**
 * Asks where the images come from whether they moved, without downloading anything. A failure of one app's check is part
 * of the answer.
 */
export function checkImages(
  checkoutDirectory: string,
  apps: readonly string[],
  environment: BuildEnvironment,
  job: Job,
): Promise<readonly ImageCheck[]> {
  const checkout = new OpenedCheckout(checkoutDirectory);
  return concurrently(apps, (app) => checkImage(checkout, app, environment, job), job.signal);
}

async function checkImage(
  checkout: OpenedCheckout,
  app: string,
  { images }: BuildEnvironment,
  job: Job,
): Promise<ImageCheck> {
  let known = { app, reference: '', installed: '' };
  try {
    const present = await readDockerManifest(checkout, app);
    const manifest = await withRecordedDigest(checkout, app, present);
    const request = await requestForUpdate(checkout, manifest, {});
    known = { app, reference: request.reference, installed: installedDigest(manifest) };
    const current = await images.currentDigest(request, job);
    return current === known.installed
      ? { ...known, state: 'current' }
      : { ...known, state: 'moved', current };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return { ...known, state: 'failed', found: `${problem.doing}: ${problem.found}`, remedy: problem.remedy };
  }
}
