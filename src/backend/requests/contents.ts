import { findSameFiles } from '../../core/checkout/find-same-files';
import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import type { SameFiles } from '../../core/checkout/same-files';
import type { BloatFinding } from '../../core/rootfs/bloat';
import type { OverlayChange } from '../../core/rootfs/overlay-changes';
import type { TreeEntry } from '../../core/rootfs/tree-entries';
import type { NewBaseFigures } from '../../core/use-cases/advice';
import {
  type DeviceEntry,
  readBaseEntries,
  readDeviceEntries,
  readOverlayChanges,
} from '../../core/use-cases/app-files';
import { hashLargeFiles, type HashLargeFilesRequest } from '../../core/use-cases/hash-large-files';
import { readNewBaseFigures } from '../../core/use-cases/new-base-figures';
import { readOverlayBloat } from '../../core/use-cases/overlay-bloat';
import {
  knowsOverlayPackages,
  type OverlayPackages,
  readOverlayPackages,
} from '../../core/use-cases/overlay-packages';
import type { FirstOnes, InCheckout, OfApp } from './params';
import { request } from './request';

/** What tells of the files of a checkout, and of those in its file systems. */
export const ofContents = {
  /** What an app's overlay does to its base; fails when the app has none. */
  listOverlayChanges: request<OfApp & FirstOnes, readonly OverlayChange[]>({
    doing: ({ app }) => `listing the overlay of ${app}`,
    answer: ({ checkoutDirectory, app, limit }, { environment, job }) =>
      readOverlayChanges(checkoutDirectory, app, environment.pool.directory, job, limit),
  }),

  /** Every path of an app's base, or of the base that it extends. */
  listBaseEntries: request<OfApp & FirstOnes, readonly TreeEntry[]>({
    doing: ({ app }) => `listing the base of ${app}`,
    answer: ({ checkoutDirectory, app, limit }, { environment, job }) =>
      readBaseEntries(checkoutDirectory, app, environment.pool.directory, job, limit),
  }),

  /** Every path that the device sees of an app's base and overlay together; fails when the app has no overlay. */
  listDeviceEntries: request<OfApp, readonly DeviceEntry[]>({
    doing: ({ app }) => `listing what the device sees of ${app}`,
    answer: ({ checkoutDirectory, app }, { environment, job }) =>
      readDeviceEntries(checkoutDirectory, app, environment.pool.directory, job),
  }),

  /** What a new base of an app would mean; fails when it has no overlay over a base of its own. */
  readNewBaseFigures: request<OfApp, NewBaseFigures>({
    doing: ({ app }) => `estimating a new base of ${app}`,
    answer: ({ checkoutDirectory, app }, { environment, job }) =>
      readNewBaseFigures(checkoutDirectory, app, environment, job),
  }),

  /** What an app's overlay holds that is usually not meant to ship, or that the device has already. */
  findOverlayBloat: request<OfApp, readonly BloatFinding[]>({
    doing: ({ app }) => `looking for what bloats the overlay of ${app}`,
    answer: ({ checkoutDirectory, app }, { environment, job }) =>
      readOverlayBloat(checkoutDirectory, app, environment, job),
  }),

  /** Whether an app's overlay can be told by packages; no file is read for it. */
  knowsOverlayPackages: request<OfApp, boolean>({
    doing: ({ app }) => `looking for lists of packages in the overlay of ${app}`,
    answer: ({ checkoutDirectory, app }, { environment, job }) =>
      knowsOverlayPackages(checkoutDirectory, app, environment.pool.directory, job),
  }),

  /** What an app's overlay does to its base, by the packages that the files belong to. */
  listOverlayPackages: request<OfApp, OverlayPackages>({
    doing: ({ app }) => `listing the packages in the overlay of ${app}`,
    answer: ({ checkoutDirectory, app }, { environment, job }) =>
      readOverlayPackages(checkoutDirectory, app, environment.pool.directory, job),
  }),

  /** Hashes large files whose content nobody knows, so that the next reading of the checkout does. */
  hashLargeFiles: request<InCheckout & HashLargeFilesRequest, null>({
    doing: ({ apps, checkoutDirectory }) =>
      `comparing the files of ${apps?.join(', ') ?? checkoutDirectory} with the last commit`,
    answer: ({ checkoutDirectory, apps }, { environment, job }) =>
      hashLargeFiles(new OpenedCheckout(checkoutDirectory), { apps }, environment.pool, job).then(() => null),
  }),

  /** Which of files that have the same size have the same bytes; those that nobody has hashed before are read. */
  findSameFiles: request<InCheckout & { readonly candidates: readonly SameFiles[] }, readonly SameFiles[]>({
    doing: () => 'looking for files that are the same',
    answer: ({ checkoutDirectory, candidates }, { environment, job: { signal } }) =>
      findSameFiles(checkoutDirectory, candidates, {
        hash: (file) => environment.pool.hashFile(file, signal),
        signal,
      }),
  }),
};
