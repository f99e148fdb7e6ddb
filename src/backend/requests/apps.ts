import { addApp, type AddAppRequest } from '../../core/use-cases/add-app';
import {
  compareFormats,
  type CompareFormatsRequest,
  type FormatComparison,
} from '../../core/use-cases/compare-formats';
import type { BuildEnvironment } from '../../core/use-cases/environment';
import { installApp } from '../../core/use-cases/install-app';
import { planRemoval, type RemovalPlan, type RemovalRequest } from '../../core/use-cases/plan-removal';
import { listOtherApps } from '../../core/use-cases/steps/other-app';
import { type RemovalReport, removeApp } from '../../core/use-cases/remove-app';
import type { BuildReport } from '../../core/use-cases/report';
import { updateApp, type UpdateAppRequest } from '../../core/use-cases/update-app';
import type { InCheckout, OfApp } from './params';
import { request, type Workplace } from './request';

/** With the way to devices, which an app may come from. */
function environmentAt(place: Workplace): BuildEnvironment {
  return { ...place.environment, remotes: () => place.remotes };
}

/** What changes apps, or weighs a change. */
export const ofApps = {
  addApp: request<InCheckout & { readonly request: AddAppRequest }, BuildReport>({
    doing: ({ request: { app } }) => `adding ${app}`,
    answer: ({ checkoutDirectory, request: wanted }, place) =>
      addApp(checkoutDirectory, wanted, environmentAt(place), place.job),
  }),

  /** The apps of another checkout, or of an export, by its path. */
  listAppsIn: request<{ readonly place: string }, readonly string[]>({
    doing: ({ place }) => `looking for apps in ${place}`,
    answer: ({ place }, { job }) => listOtherApps(place, job),
  }),

  /** As a patch, as a new base, or as a preview of either (`isPreview`). */
  updateApp: request<InCheckout & { readonly request: UpdateAppRequest }, BuildReport>({
    doing: ({ request: { app, isPreview = false } }) => `${isPreview ? 'previewing' : 'updating'} ${app}`,
    answer: ({ checkoutDirectory, request: wanted }, place) =>
      updateApp(checkoutDirectory, wanted, environmentAt(place), place.job),
  }),

  /** What the file of an update would weigh in other forms; it is packed in each, and nothing is kept. */
  compareFormats: request<InCheckout & { readonly request: CompareFormatsRequest }, FormatComparison>({
    doing: ({ request: { app } }) => `comparing formats of ${app}`,
    answer: ({ checkoutDirectory, request: wanted }, { environment, job }) =>
      compareFormats(checkoutDirectory, wanted, environment, job),
  }),

  installApp: request<OfApp, BuildReport>({
    doing: ({ app }) => `installing ${app}`,
    answer: ({ checkoutDirectory, app }, place) =>
      installApp(checkoutDirectory, { app }, environmentAt(place), place.job),
  }),

  /** What the removal of an app takes away, and what of it no commit can bring back. Large files of the app are read. */
  planRemoval: request<InCheckout & { readonly request: RemovalRequest }, RemovalPlan>({
    doing: ({ request: { app } }) => `looking at what goes with ${app}`,
    answer: ({ checkoutDirectory, request: wanted }, { job }) => planRemoval(checkoutDirectory, wanted, job),
  }),

  /** `agreed`: what somebody was shown, and wants gone; fails when it would be something else by now. */
  removeApp: request<
    InCheckout & { readonly request: RemovalRequest; readonly agreed?: RemovalPlan | undefined },
    RemovalReport
  >({
    doing: ({ request: { app } }) => `removing ${app}`,
    answer: ({ checkoutDirectory, request: wanted, agreed }, { job }) =>
      removeApp(checkoutDirectory, wanted, job, agreed),
  }),
};
