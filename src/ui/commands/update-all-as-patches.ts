import { l10n, window } from 'vscode';
import type { App } from '../../core/checkout/app';
import { fixesFor } from '../../core/checkout/contradictions/contradictions';
import { signaturesAtStake } from '../../core/checkout/signatures-at-stake';
import { formatSize } from '../../core/presentation/size';
import { describeError } from '../../core/problem';
import type { BuildReport } from '../../core/use-cases/report';
import { runWithNotification } from '../builds/build-notification';
import { signAgainText, staleSignaturesText } from '../builds/report-text';
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
  const { apps, unchecked } = await findOutdated(services, model);
  const reports: BuildReport[] = [];
  const failures = [...unchecked];
  for (const [index, app] of apps.entries()) {
    try {
      reports.push(await updateOne(services, model, app, `${index + 1}/${apps.length}`));
    } catch (error) {
      if (isAbort(error) && reports.length === 0) throw error;
      if (isAbort(error)) break;
      services.log.error(`updating ${app.name}: ${describeError(error)}`);
      failures.push(`${app.name}: ${describeError(error)}`);
    }
  }
  tell(model, reports, failures);
}

/** A patch of an app that is up to date would be an empty overlay, which a device would download for nothing. */
async function findOutdated(
  services: Services,
  model: CheckoutModel,
): Promise<{ readonly apps: readonly App[]; readonly unchecked: readonly string[] }> {
  await model.read();
  const found = model.apps.filter(({ source }) => source.kind === 'docker').map((app) => ({ model, app }));
  if (found.length === 0)
    throw new CannotRun(l10n.t('No app of {0} is made from a docker image.', model.name));
  const checks = await askAboutImages(services, found);
  return {
    apps: model.apps.filter(
      (app) =>
        services.reviews.of({ model, app }).image.kind === 'moved' ||
        app.contradictions.flatMap(fixesFor).some(({ kind }) => kind === 'updateAsPatch'),
    ),
    unchecked: checks.flatMap((check) => (check.state === 'failed' ? [`${check.app}: ${check.found}`] : [])),
  };
}

async function updateOne(
  services: Services,
  model: CheckoutModel,
  app: App,
  position: string,
): Promise<BuildReport> {
  const request = { app: app.name, kind: 'patch' } as const;
  const { report } = await runWithNotification(
    services.builds,
    {
      model,
      what: l10n.t('Updating {0} as a patch ({1})', app.name, position),
      note: signAgainText(signaturesAtStake(model.apps, app.name, { isNewBase: false })),
      run: (options) =>
        services.backend.request('updateApp', { checkoutDirectory: model.directory, request }, options),
    },
    services.log,
  );
  return report;
}

function tell(model: CheckoutModel, reports: readonly BuildReport[], failures: readonly string[]): void {
  const updated = reports.filter(({ outcome }) => outcome === 'installed');
  const stale = [...new Set(reports.flatMap(({ staleSignatures }) => staleSignatures))];
  const size = formatSize(updated.reduce((sum, { download }) => sum + download, 0));
  const names = updated.map(({ app }) => app).join(', ');
  const text = [
    ...(updated.length > 0 ? [l10n.t('Patched: {0}. A device downloads {1} altogether.', names, size)] : []),
    ...(updated.length + failures.length === 0
      ? [l10n.t('No app of {0} has anything to update.', model.name)]
      : []),
    ...(failures.length > 0 ? [l10n.t('Not updated: {0}', failures.join(' · '))] : []),
    ...(stale.length > 0 ? [staleSignaturesText(stale)] : []),
  ].join(' ');
  const ways = [
    ...(stale.length > 0 ? [signAgain(model.directory)] : []),
    ...(failures.length > 0 ? [showLog()] : []),
  ];
  const isAmiss = ways.length > 0;
  void offer(isAmiss ? window.showWarningMessage : window.showInformationMessage, text, ways);
}
