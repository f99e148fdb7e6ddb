import type { BuildEnvironment } from '../core/build/environment';
import { requestForNewApp, type ImageWishes } from '../core/build/image-request';
import { withImage } from '../core/build/opened';
import { formatPlatform } from '../core/image/platform';
import type { Job } from '../core/job';
import type { ImageSummary } from './protocol';

/** Looks at what an app would be made from: manifest and config, but no layer. @throws Problem when there is nothing. */
export async function inspectImage(
  checkoutDirectory: string,
  wishes: ImageWishes & { readonly reference: string },
  environment: BuildEnvironment,
  job: Job,
): Promise<ImageSummary> {
  const request = await requestForNewApp(checkoutDirectory, wishes);
  return withImage(environment, request, job, ({ digest, source, platform, config, layers }) =>
    Promise.resolve({
      digest,
      source,
      platform: platform && formatPlatform(platform),
      size: layers.reduce((sum, { size }) => sum + size, 0),
      created: config.created,
    }),
  );
}
