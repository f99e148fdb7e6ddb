import { l10n, window } from 'vscode';
import { mayBeMadeFromImage } from '../../core/checkout/made-from-image';
import { signaturesAtStake } from '../../core/checkout/signatures-at-stake';
import { formatSize } from '../../core/presentation/size';
import type { BuildReport } from '../../core/use-cases/report';
import type { PlannedUpdate, UpdatesSummary } from '../../core/use-cases/update-all';
import { runWithNotification } from '../builds/build-notification';
import { signAgainText, staleSignaturesText } from '../builds/report-text';
import { withRemedy } from '../messages/remedy-text';
import type { CheckoutModel } from '../model/checkout-model';
import type { Services } from '../services';
import { CannotRun } from './cannot-run';
import { askAboutImages } from './check-images';
import { checkoutFor } from './checkout-target';
import { isAbort, offer, showLog } from './run-command';
import { signAgain } from './show-report';

/**
 * Updates the apps that a patch would change, one after the other. One that fails doesn't keep the others from it; a person
 * who stops one stops them all.
 */
export async function updateAllAsPatches(services: Services, target?: unknown): Promise<void> {
  const model = await checkoutFor(services, target, l10n.t('Update all apps of which checkout?'));
  const { planUpdates, summarizeUpdates, updateAll } = await import('../../core/use-cases/update-all');
  await model.read();
  const found = model.apps.filter(mayBeMadeFromImage).map((app) => ({ model, app }));
  if (found.length === 0)
    throw new CannotRun(l10n.t('No app of {0} is made from a docker image.', model.name));
  // A patch of each app would say which ones it changes nothing of, but look at all of their images for it.
  const checks = await askAboutImages(services, found);
  const plan = planUpdates(model.apps, 'patch', checks);
  const { outcomes, stop } = await updateAll(plan.updates, (planned, position) =>
    updateOne(services, model, planned, position),
  );
  const summary = summarizeUpdates([...plan.failures, ...outcomes]);
  for (const failure of summary.failures)
    services.log.error(`updating ${failure.app}: ${withRemedy(failure)}`);
  if (stop === undefined || outcomes.length > 0) tell(model, summary);
  // Who stopped them knows that, and has been told what was done before.
  if (stop !== undefined && (outcomes.length === 0 || !isAbort(stop.reason))) throw stop.reason;
}

async function updateOne(
  services: Services,
  model: CheckoutModel,
  request: PlannedUpdate,
  position: string,
): Promise<BuildReport> {
  const { app } = request;
  const { report } = await runWithNotification(
    services.builds,
    {
      model,
      what: l10n.t('Updating {0} as a patch ({1})', app, position),
      note: signAgainText(signaturesAtStake(model.apps, app, { isNewBase: false })),
      run: (options) =>
        services.backend.request('updateApp', { checkoutDirectory: model.directory, request }, options),
    },
    services.log,
  );
  return report;
}

function tell(
  model: CheckoutModel,
  { updated, download, failures, staleSignatures: stale }: UpdatesSummary,
): void {
  const notUpdated = failures.map((failure) => `${failure.app}: ${withRemedy(failure)}`).join(' · ');
  const text = [
    ...(updated.length > 0
      ? [l10n.t('Patched: {0}. A device downloads {1} altogether.', updated.join(', '), formatSize(download))]
      : []),
    ...(updated.length + failures.length === 0
      ? [l10n.t('No app of {0} has anything to update.', model.name)]
      : []),
    ...(failures.length > 0 ? [l10n.t('Not updated: {0}', notUpdated)] : []),
    ...(stale.length > 0 ? [staleSignaturesText(stale)] : []),
  ].join(' ');
  const ways = [
    ...(stale.length > 0 ? [signAgain(model.directory)] : []),
    ...(failures.length > 0 ? [showLog()] : []),
  ];
  const isAmiss = ways.length > 0;
  void offer(isAmiss ? window.showWarningMessage : window.showInformationMessage, text, ways);
}
