import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { type DockerImage, listLocalImages } from '../../core/image/docker/list-images';
import { watchLocalImages } from '../../core/image/docker/watch-images';
import { formatPlatform, PlatformProblem } from '../../core/image/platform';
import { parseSources } from '../../core/image/source-list';
import type { Job } from '../../core/job';
import { Secret } from '../../core/net/secret';
import { checkImages, type ImageCheck } from '../../core/use-cases/check-images';
import type { BuildEnvironment } from '../../core/use-cases/environment';
import { defaultSources, findImage, requestForNewApp } from '../../core/use-cases/steps/image-request';
import { Throttle } from '../throttle';
import type { InCheckout, WantedImage } from './params';
import { request, stream } from './request';

/** What asks registries and docker. */
export const ofImages = {
  /** Whether the images that the apps' tags name have moved. Cheap enough to be asked every few hours. */
  checkImages: request<InCheckout & { readonly apps: readonly string[] }, readonly ImageCheck[]>({
    doing: ({ apps }) => `checking the images of ${apps.join(', ')}`,
    answer: ({ checkoutDirectory, apps }, { environment, job }) =>
      checkImages(checkoutDirectory, apps, environment, job),
  }),

  /** Whether there is such an image for the checkout's device, before an app is made from it. No layer is downloaded. */
  inspectImage: request<InCheckout & { readonly request: WantedImage }, ImageSummary>({
    doing: ({ request: { reference } }) => `looking for the image ${reference}`,
    answer: ({ checkoutDirectory, request: wanted }, { environment, job }) =>
      inspectImage(checkoutDirectory, wanted, environment, job),
  }),

  /** `linux/arm64` and the others that an image comes for, so that one can be chosen where the checkout names none. */
  listPlatforms: request<{ readonly request: WantedImage }, readonly string[]>({
    doing: ({ request: { reference } }) => `listing the platforms of ${reference}`,
    answer: ({ request: wanted }, { environment, job }) => listPlatforms(wanted, environment, job),
  }),

  /** Whether a login was looked at at all; fails with a Problem when it is refused. It is kept nowhere. */
  checkRegistryLogin: request<
    { readonly host: string } & { readonly username: string; readonly password: string },
    boolean
  >({
    doing: ({ host }) => `logging in to ${host}`,
    answer: ({ host, username, password }, { environment, job }) =>
      environment.images.checkLogin(host, { username, password: new Secret(password) }, job),
  }),

  /** Somebody has logged in or out: what registries were shown before counts no more. */
  forgetRegistryLogins: request<Record<string, never>, null>({
    doing: () => 'forgetting logins',
    answer: (_, { environment }) => {
      environment.images.forgetLogins();
      return Promise.resolve(null);
    },
  }),

  /** The docker daemon's images that have a tag, newest first. Fails with a Problem where no docker runs. */
  listDockerImages: request<Record<string, never>, readonly DockerImage[]>({
    doing: () => "listing docker's images",
    answer: (_, { outside, job }) => listLocalImages(outside, job.signal),
  }),
};

/** One build makes many events, and nobody needs to look again after each of them. */
const changeInterval = 500;

export const streamsOfImages = {
  /** Tells when images of the local docker come, go or are named anew. */
  dockerChanges: stream<Record<string, never>, null>({
    doing: () => 'watching docker',
    follow: async (_, { outside, job: { signal } }, tell) => {
      const changes = new Throttle<null>(changeInterval, tell);
      await watchLocalImages(outside, () => changes.push(null), signal);
      changes.stop();
    },
  }),
};

/** An image as the wizard shows it while its reference is typed. */
export interface ImageSummary {
  /** Where it was found first. */
  readonly source: 'remote' | 'local' | 'archive';
  /** `linux/arm64`; undefined when the image does not say. */
  readonly platform: string | undefined;
  /** Bytes of its layers as they are stored: about what has to be downloaded when nothing of it is known. */
  readonly size: number;
  /** Seconds since 1970; 0 when the image does not say. */
  readonly created: number;
}

/** Looks at what an app would be made from: manifest and config, but no layer. @throws Problem when there is nothing. */
export async function inspectImage(
  checkoutDirectory: string,
  wanted: WantedImage,
  environment: BuildEnvironment,
  job: Job,
): Promise<ImageSummary> {
  const request = await requestForNewApp(new OpenedCheckout(checkoutDirectory), wanted);
  await using image = await findImage(request, { ...environment, job });
  return {
    source: image.source,
    platform: image.platform && formatPlatform(image.platform),
    size: image.layers.reduce((sum, { size }) => sum + size, 0),
    created: image.config.created,
  };
}

/** What an image comes for, whatever the device is. @throws Problem when there is no such image. */
export async function listPlatforms(
  { reference, sources = defaultSources }: WantedImage,
  environment: BuildEnvironment,
  job: Job,
): Promise<readonly string[]> {
  const request = { reference, sources: parseSources(sources), platforms: [] };
  try {
    await using image = await findImage(request, { ...environment, job });
    return image.platform === undefined ? [] : [formatPlatform(image.platform)];
  } catch (error) {
    const problem = platformProblem(error);
    if (problem === undefined) throw error;
    return problem.available;
  }
}

/** Also among what the image's sources said, when all of them failed. */
function platformProblem(error: unknown): PlatformProblem | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const causes: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [];
  return [error, ...causes].find((one) => one instanceof PlatformProblem);
}
