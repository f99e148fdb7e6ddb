import { l10n, window } from 'vscode';
import type { RestartImpact } from '../../core/checkout/restart-impact';
import { signaturesAtStakeOfRemoval } from '../../core/checkout/signatures-at-stake';
import { runWithNotification } from '../builds/build-notification';
import { restartText, staleSignaturesText } from '../builds/report-text';
import type { FoundApp } from '../model/checkouts';
import type { Services } from '../services';
import { appFor } from './app-target';
import { CannotRun } from './cannot-run';
import { Dismissed } from './dismissed';
import { isAbort, offer } from './run-command';
import { signAgain } from './show-report';

/** Removes an app with its `_config` and `_sigs`, and, if a person wants that, the apps that extend it. */
export async function removeApp(services: Services, target?: unknown): Promise<void> {
  const found = await appFor(services, target, { ask: l10n.t('Remove which app?') });
  await confirm(found);
  const { model, app } = found;
  // Those that extend it first: without its base they could not run.
  const removed: string[] = [];
  try {
    for (const name of [...app.dependants, app.name]) {
      await remove(services, found, name);
      removed.push(name);
    }
  } catch (error) {
    if (!isAbort(error) || removed.length === 0) throw error;
    throw new CannotRun(l10n.t('Stopped. These are removed: {0}.', removed.join(', ')));
  } finally {
    await model.refresh();
  }
  void window.setStatusBarMessage(l10n.t('Removed {0}.', app.name), 5000);
}

async function confirm({ model, app }: FoundApp): Promise<void> {
  const { dependants } = app;
  const atStake = signaturesAtStakeOfRemoval(model.apps, [app.name, ...dependants]);
  const removeIt =
    dependants.length === 0 ? l10n.t('Remove') : l10n.t('Remove All {0}', dependants.length + 1);
  const detail = [
    ...(dependants.length > 0
      ? [l10n.t('These extend its base, and are removed with it: {0}.', dependants.join(', '))]
      : []),
    l10n.t(
      'Its folder, its _config and its signatures go. What was committed can be restored with pvr checkout.',
    ),
    ...(atStake.length > 0
      ? [l10n.t('These also sign other apps, and no longer fit then: {0}.', atStake.join(', '))]
      : []),
  ].join('\n');
  const options = { modal: true, detail };
  const answer = await window.showWarningMessage(l10n.t('Remove {0}?', app.name), options, removeIt);
  if (answer !== removeIt) throw new Dismissed();
}

async function remove(services: Services, { model }: FoundApp, app: string): Promise<void> {
  const { report } = await runWithNotification(
    services.builds,
    {
      model,
      what: l10n.t('Removing {0}', app),
      run: (options) =>
        services.backend.request(
          'removeApp',
          { checkoutDirectory: model.directory, app, force: false },
          options,
        ),
    },
    services.log,
  );
  const { staleSignatures, restart } = report;
  if (staleSignatures.length === 0) return;
  const text = `${l10n.t('{0} is removed.', app)} ${stopText(restart)} ${staleSignaturesText(staleSignatures)}`;
  void offer(window.showWarningMessage, text, [signAgain(model.directory)]);
}

/** A container that is gone doesn't restart. */
function stopText(restart: RestartImpact): string {
  return restart.effect === 'container'
    ? l10n.t('A device stops it, and does not reboot.')
    : restartText(restart);
}
