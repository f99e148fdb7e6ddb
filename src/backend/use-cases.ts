import { addApp } from '../core/build/add-app';
import { readBaseEntries, readDeviceEntries, readOverlayChanges } from '../core/build/app-files';
import { checkImages } from '../core/build/check-images';
import type { BuildEnvironment } from '../core/build/environment';
import { installApp } from '../core/build/install-app';
import { readNewBaseFigures } from '../core/build/new-base-figures';
import { readOverlayBloat } from '../core/build/overlay-bloat';
import { removeApp } from '../core/build/remove-app';
import { updateApp } from '../core/build/update-app';
import { findSameFiles } from '../core/checkout/same-files';
import { listLocalImages } from '../core/image/docker/list-images';
import type { ImageEnvironment } from '../core/image/environment';
import type { Job } from '../core/job';
import { inspectImage, listPlatforms } from './inspect-image';
import type { ParamsOf, RequestName, ResultOf } from './protocol';

/** What a request works with. */
export interface Workplace {
  readonly environment: BuildEnvironment;
  readonly outside: ImageEnvironment;
  readonly job: Job;
}

type UseCases = {
  readonly [Name in RequestName]: (params: ParamsOf<Name>, at: Workplace) => Promise<ResultOf<Name>>;
};

/** What answers each request of the protocol. */
export const useCases: UseCases = {
  addApp: ({ checkoutDirectory, request }, { environment, job }) =>
    addApp(checkoutDirectory, request, environment, job),
  updateApp: ({ checkoutDirectory, request }, { environment, job }) =>
    updateApp(checkoutDirectory, request, environment, job),
  installApp: ({ checkoutDirectory, app }, { environment, job }) =>
    installApp(checkoutDirectory, app, environment, job),
  removeApp: ({ checkoutDirectory, app, force }, { job }) =>
    removeApp(checkoutDirectory, app, { force }, job),
  listOverlayChanges: ({ checkoutDirectory, app }, { environment, job }) =>
    readOverlayChanges(checkoutDirectory, app, environment, job),
  listBaseEntries: ({ checkoutDirectory, app }, { environment, job }) =>
    readBaseEntries(checkoutDirectory, app, environment, job),
  listDeviceEntries: ({ checkoutDirectory, app }, { environment, job }) =>
    readDeviceEntries(checkoutDirectory, app, environment, job),
  readNewBaseFigures: ({ checkoutDirectory, app }, { environment, job }) =>
    readNewBaseFigures(checkoutDirectory, app, environment, job),
  findOverlayBloat: ({ checkoutDirectory, app }, { environment, job }) =>
    readOverlayBloat(checkoutDirectory, app, environment, job),
  findSameFiles: ({ checkoutDirectory, candidates }, { job }) =>
    findSameFiles(checkoutDirectory, candidates, job.signal),
  checkImages: ({ checkoutDirectory, apps }, { environment, job }) =>
    checkImages(checkoutDirectory, apps, environment, job),
  inspectImage: ({ checkoutDirectory, request }, { environment, job }) =>
    inspectImage(checkoutDirectory, request, environment, job),
  listPlatforms: ({ request }, { environment, job }) => listPlatforms(request, environment, job),
  listDockerImages: (_, { outside, job }) => listLocalImages(outside, job.signal),
};

export const requestNames = Object.keys(useCases) as readonly RequestName[];
