import { l10n, window } from 'vscode';
import type { App } from '../../core/checkout/app';
import { mayBeMadeFromImage } from '../../core/checkout/made-from-image';
import { bareDigest } from '../../core/checkout/manifests/same-digest';
import { shortDigest } from '../../core/presentation/digest';
import { formatSize } from '../../core/presentation/size';
import { growingDependants } from '../../core/use-cases/advice';
import type { UpdatesSummary } from '../../core/use-cases/update-all';
import type { UpdateAppRequest } from '../../core/use-cases/update-app';
import { runWithNotification } from '../builds/build-notification';
import { newBasePreviewLines, staleSignaturesText } from '../builds/build-texts';
import { installPlan, updatePlan } from '../builds/plans';
import { showReport, signAgain } from '../builds/show-report';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import { groupedReasons } from '../messages/grouped-reasons';
import { inCheckout } from '../messages/in-checkout';
import { withRemedy } from '../messages/remedy-text';
import { buttonsForAll, isAbort, offer, showLog } from '../messages/run-command';
import type { AppReview } from '../model/app-review';
import type { CheckoutModel } from '../model/checkout-model';
import type { AppId, FoundApp } from '../model/checkouts';
import { type ImageState, installedDigest, referenceOf } from '../model/image-state';
import type { Services } from '../services';
import { type Commands, inTrustedWorkspace } from './declare';
import { askAboutImages } from './images';
import { appFor, checkoutFor, whyNotBuilt } from './targets';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.updateAsPatch': [app?: AppId | Pick<AppId, 'app'> | undefined];
    'pantavisor.buildNewBase': [app?: AppId | Pick<AppId, 'app'> | undefined];
    'pantavisor.previewPatch': [app?: AppId];
    'pantavisor.previewNewBase': [app?: AppId | Pick<AppId, 'app'> | undefined];
    'pantavisor.installApp': [app?: AppId | Pick<AppId, 'app'> | undefined];
    'pantavisor.updateAllAsPatches': [checkout?: string];
    'pantavisor.updateMovedApp': [];
  }
}

export const updateCommands = {
  'pantavisor.updateAsPatch': inTrustedWorkspace(updateAsPatch),
  'pantavisor.buildNewBase': inTrustedWorkspace(buildNewBase),
  'pantavisor.previewPatch': inTrustedWorkspace(previewPatch),
  'pantavisor.previewNewBase': inTrustedWorkspace(previewNewBase),
  'pantavisor.installApp': inTrustedWorkspace(installApp),
  'pantavisor.updateAllAsPatches': inTrustedWorkspace(updateAllAsPatches),
  'pantavisor.updateMovedApp': inTrustedWorkspace(updateMovedApp),
} satisfies Commands;

/** Ships only what changed against the base. */
async function updateAsPatch(services: Services, target?: unknown): Promise<void> {
  const found = await appFor(services, target, {
    ask: l10n.t('Update which app as a patch?'),
    actsAtOnce: true,
    whyNot: whyNotBuilt,
  });
  await update(services, found, { app: found.app.name, kind: 'patch' });
}

/** Makes a fresh base, and the overlays of all apps that extend it with it. */
async function buildNewBase(services: Services, target?: unknown): Promise<void> {
  const found = await appFor(services, target, {
    ask: l10n.t('Build a new base of which app?'),
    whyNot: whyNoNewBase,
  });
  await confirmGrowth(services, found);
  await update(services, found, { app: found.app.name, kind: 'new-base' });
}

/** Asks where apps that extend the base would weigh much more over a new one: nobody would expect that of it. */
async function confirmGrowth({ backend }: Services, { model, app }: FoundApp): Promise<void> {
  if (!app.isPatched || app.dependants.length === 0) return;
  const ofApp = { checkoutDirectory: model.directory, app: app.name };
  const growing = growingDependants(await backend.request('readNewBaseFigures', ofApp));
  if (growing.length === 0) return;
  const build = l10n.t('Build New Base');
  const detail = [
    ...growing.map(({ app: name, overlay, rebuilt }) =>
      l10n.t('{0}: {1} now, about {2} then.', name, formatSize(overlay), formatSize(rebuilt)),
    ),
    l10n.t(
      'Their images were built on the older base of {0}: built on the new one, they stay small.',
      app.name,
    ),
  ];
  const question = l10n.t('Build a new base of {0}? Apps that extend it will weigh more.', app.name);
  const options = { modal: true, detail: detail.join('\n') };
  if ((await window.showWarningMessage(question, options, build)) !== build) throw new Dismissed();
}

async function update(services: Services, { model }: FoundApp, request: UpdateAppRequest): Promise<void> {
  showReport(model, await runWithNotification(services, updatePlan(services.backend, model, request)));
}

function whyNoNewBase(review: AppReview): string | undefined {
  return whyNotBuilt(review) ?? whyNoOwnBase(review);
}

function whyNoOwnBase({ app }: AppReview): string | undefined {
  if (app.baseApp === undefined) return undefined;
  return l10n.t(
    '{0} has no base of its own: it extends {1}. Build a new base of {1}.',
    app.name,
    app.baseApp,
  );
}

/** Shows what a patch would hold and weigh. Nothing is written. */
async function previewPatch(services: Services, target?: unknown): Promise<void> {
  const { model, app } = await appFor(services, target, {
    ask: l10n.t('Preview a patch of which app?'),
    whyNot: whyNotBuilt,
  });
  const request = { app: app.name, kind: 'patch', isPreview: true } as const;
  const plan = updatePlan(services.backend, model, request);
  const finished = await runWithNotification(services, plan);
  const { report } = finished;
  // A page of what a patch would hold has nothing to show then, though the overlay that is there may hold much.
  if (report.outcome === 'unchanged') showReport(model, finished);
  else services.overlayPages.showPreview({ checkout: model.directory, app: app.name }, report);
}

/** Says what a new base, and the overlays that are rebuilt with it, would weigh. All of it is built, and nothing written. */
async function previewNewBase(services: Services, target?: unknown): Promise<void> {
  const found = await appFor(services, target, {
    ask: l10n.t('Preview a new base of which app?'),
    whyNot: whyNoNewBase,
  });
  const { model, app } = found;
  const request = { app: app.name, kind: 'new-base' } as const;
  const plan = updatePlan(services.backend, model, { ...request, isPreview: true });
  const finished = await runWithNotification(services, plan);
  const { report } = finished;
  if (report.built.length === 0) {
    showReport(model, finished);
    return;
  }
  const build = l10n.t('Build New Base');
  const title = l10n.t('A new base of {0}', app.name);
  const options = { modal: true, detail: newBasePreviewLines(report, app).join('\n') };
  if ((await window.showInformationMessage(title, options, build)) !== build) return;
  await update(services, found, request);
}

/** Makes what an app lacks from its src.json. */
async function installApp(services: Services, target?: unknown): Promise<void> {
  const { model, app } = await appFor(services, target, {
    ask: l10n.t('Build what is missing of which app?'),
    whyNot: whyNotBuilt,
  });
  const plan = installPlan(services.backend, model, app.name);
  showReport(model, await runWithNotification(services, plan));
}

/**
 * Updates the apps that a patch would change, one after the other. One that fails doesn't keep the others from it; a person
 * who stops one stops them all.
 */
async function updateAllAsPatches(services: Services, target?: unknown): Promise<void> {
  const model = await checkoutFor(services, target, l10n.t('Update all apps of which checkout?'));
  const { planUpdates, summarizeUpdates, updateAll } = await import('../../core/use-cases/update-all');
  await model.read();
  const found = model.apps.filter(mayBeMadeFromImage).map((app) => ({ model, app }));
  if (found.length === 0)
    throw new CannotRun(l10n.t('No app of {0} is made from a docker image.', model.name));
  // A patch of each app would say which ones it changes nothing of, but look at all of their images for it.
  const checks = await askAboutImages(services, found);
  const plan = planUpdates(model.apps, 'patch', checks);
  const { outcomes, stop } = await updateAll(plan.updates, async (planned, position) => {
    const one = updatePlan(services.backend, model, planned, position);
    return (await runWithNotification(services, one)).report;
  });
  const summary = summarizeUpdates([...plan.failures, ...outcomes]);
  for (const failure of summary.failures)
    services.log.error(`updating ${failure.app}: ${withRemedy(failure)}`);
  if (stop === undefined || outcomes.length > 0) tell(model, summary);
  // Who stopped them knows that, and has been told what was done before.
  if (stop !== undefined && (outcomes.length === 0 || !isAbort(stop.reason))) throw stop.reason;
}

function tell(
  model: CheckoutModel,
  { updated, download, failures, staleSignatures: stale }: UpdatesSummary,
): void {
  const text = [
    ...(updated.length > 0
      ? [l10n.t('Patched: {0}. A device downloads {1} altogether.', updated.join(', '), formatSize(download))]
      : []),
    ...(updated.length + failures.length === 0
      ? [l10n.t('No app of {0} has anything to update.', model.name)]
      : []),
    ...(failures.length > 0
      ? [
          l10n.t(
            '{0} of {1} could not be updated: {2}.',
            failures.length,
            updated.length + failures.length,
            groupedReasons(failures),
          ),
        ]
      : []),
    ...(stale.length > 0 ? [staleSignaturesText(stale)] : []),
  ].join(' ');
  const ways = [
    ...(stale.length > 0 ? [signAgain(model.directory)] : []),
    ...buttonsForAll(failures),
    ...(failures.length > 0 ? [showLog()] : []),
  ];
  const isAmiss = ways.length > 0;
  const show = isAmiss ? window.showWarningMessage : window.showInformationMessage;
  void offer(show, inCheckout(model, text), ways);
}

/** What a click on the status bar does: choose one of the apps whose images moved, and patch it. */
async function updateMovedApp(services: Services): Promise<void> {
  const { moved } = services.reviews;
  if (moved.length === 0) throw new CannotRun(l10n.t('No image is known to have moved.'));
  const items = moved.map(({ model, app, review }) => ({
    label: `$(cloud-download) ${app.name}`,
    description: model.name,
    detail: movedText(app, review.image),
    id: { checkout: model.directory, app: app.name },
  }));
  const picked = await window.showQuickPick(items, {
    placeHolder: l10n.t('Update which app as a patch?'),
    matchOnDetail: true,
  });
  if (picked === undefined) throw new Dismissed();
  await updateAsPatch(services, picked.id);
}

/** `nginx:1.27 · sha256:0123456789ab → sha256:ba9876543210`; the whole digests are in the tree's tooltips. */
function movedText(app: App, image: ImageState): string {
  const digests = [installedDigest(app), image.kind === 'moved' ? image.current : undefined];
  const short = digests.flatMap((digest) => (digest === undefined ? [] : [shortDigest(bareDigest(digest))]));
  return [referenceOf(app), short.join(' → ')].join(' · ');
}
