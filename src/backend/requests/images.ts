import { listLocalImages, type DockerImage } from '../../core/image/docker/list-images';
import { checkImages, type ImageCheck } from '../../core/use-cases/check-images';
import { inspectImage, listPlatforms, type ImageSummary } from './inspect-image';
import type { InCheckout, WantedImage } from './params';
import { request } from './request';

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

  /** The docker daemon's images that have a tag, newest first. Fails with a Problem where no docker runs. */
  listDockerImages: request<Record<string, never>, readonly DockerImage[]>({
    doing: () => "listing docker's images",
    answer: (_, { outside, job }) => listLocalImages(outside, job.signal),
  }),
};
