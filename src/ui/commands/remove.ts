import { l10n, ProgressLocation, window } from 'vscode';
import type { RestartImpact } from '../../core/checkout/restart-impact';
import type { RemovalLosses, RemovalPlan, RemovalRequest } from '../../core/use-cases/plan-removal';
import { abortSignalOf } from '../abort-signal';
import { runWithNotification } from '../builds/build-notification';
import { restartText, staleSignaturesText } from '../builds/build-texts';
import { signAgain } from '../builds/show-report';
import { listedFiles } from '../listed-files';
import { Dismissed } from '../messages/cannot-run';
import { offer } from '../messages/run-command';
import type { AppId, FoundApp } from '../model/checkouts';
import type { Services } from '../services';
import { type Commands, inTrustedWorkspace } from './declare';
import { appFor } from './targets';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.removeApp': [app?: AppId];
  }
}

export const removeCommands = {
  'pantavisor.removeApp': inTrustedWorkspace(removeApp),
} satisfies Commands;

/** Removes an app and the apps that extend it, with their `_config` and `_sigs`, once a person has seen what goes. */
async function removeApp(services: Services, target?: unknown): Promise<void> {
  // The key is pressed on the row in focus, and the selected one, which is all that VS Code tells, may be another.
  const found = await appFor(services, target, { ask: l10n.t('Remove which app?'), actsAtOnce: true });
  const plan = await planFor(services, found);
  await confirm(found.app.name, plan);
  try {
    await remove(services, found, plan);
  } finally {
    await found.model.refresh();
  }
  void window.setStatusBarMessage(l10n.t('Removed {0}.', plan.apps.join(', ')), 5000);
}

/** Without their base, the apps that extend it could not run. */
function requestFor(app: string): RemovalRequest {
  return { app, dependants: 'remove' };
}

/** Shown while large files are compared with the commit. */
async function planFor({ backend }: Services, { model, app }: FoundApp): Promise<RemovalPlan> {
  const title = l10n.t('Looking at what goes with {0}', app.name);
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return window.withProgress(options, (_, token) =>
    backend.request(
      'planRemoval',
      { checkoutDirectory: model.directory, request: requestFor(app.name) },
      { signal: abortSignalOf(token) },
    ),
  );
}

async function confirm(app: string, plan: RemovalPlan): Promise<void> {
  const { apps } = plan;
  const removeIt = apps.length === 1 ? l10n.t('Remove') : l10n.t('Remove {0} Apps', apps.length);
  const options = { modal: true, detail: planLines(plan).join('\n') };
  const answer = await window.showWarningMessage(l10n.t('Remove {0}?', app), options, removeIt);
  if (answer !== removeIt) throw new Dismissed();
}

function planLines({
  apps: [, ...dependants],
  losses,
  staleSignatures,
  unsafeStarts,
}: RemovalPlan): readonly string[] {
  return [
    ...(dependants.length > 0
      ? [l10n.t('These extend its base, and are removed with it: {0}.', dependants.join(', '))]
      : []),
    dependants.length > 0
      ? l10n.t('Their folders, their _config and their signatures go.')
      : l10n.t('Its folder, its _config and its signatures go.'),
    ...lossLines(losses),
    restorableLine(losses, dependants.length + 1),
    ...(staleSignatures.length > 0
      ? [l10n.t('These also sign other apps, and no longer fit then: {0}.', staleSignatures.join(', '))]
      : []),
    ...unsafeStarts.map((start) => l10n.t('Without it, {0}.', start)),
  ];
}

function lossLines({ changed, added, untracked, unknown }: RemovalLosses): readonly string[] {
  return [
    ...(untracked.length > 0
      ? [l10n.t('Lost, because it is not tracked: {0}.', listedFiles(untracked))]
      : []),
    ...(added.length > 0 ? [l10n.t('Lost, because it was never committed: {0}.', listedFiles(added))] : []),
    ...(changed.length > 0
      ? [l10n.t('Lost are the changes since the last commit of: {0}.', listedFiles(changed))]
      : []),
    ...(unknown.length > 0
      ? [l10n.t('Perhaps lost, because it could not be read: {0}.', listedFiles(unknown))]
      : []),
  ];
}

function restorableLine({ uncommittedApps }: RemovalLosses, count: number): string {
  if (uncommittedApps.length === 0)
    return l10n.t('What was committed can be put back in Source Control until the next commit.');
  if (uncommittedApps.length === count)
    return l10n.t('Nothing was ever committed, so nothing can be restored.');
  return l10n.t(
    'What was committed can be put back in Source Control until the next commit, but nothing of {0} ever was.',
    uncommittedApps.join(', '),
  );
}

async function remove(services: Services, { model, app }: FoundApp, agreed: RemovalPlan): Promise<void> {
  const { report } = await runWithNotification(services, {
    model,
    what: l10n.t('Removing {0}', app.name),
    run: (options) =>
      services.backend.request(
        'removeApp',
        { checkoutDirectory: model.directory, request: requestFor(app.name), agreed },
        options,
      ),
  });
  const { apps, staleSignatures, restart } = report;
  if (staleSignatures.length === 0) return;
  const removed = l10n.t('Removed {0}.', apps.join(', '));
  const text = `${removed} ${stopText(restart)} ${staleSignaturesText(staleSignatures)}`;
  void offer(window.showWarningMessage, text, [signAgain(model.directory)]);
}

/** A container that is gone doesn't restart. */
function stopText(restart: RestartImpact): string {
  return restart.effect === 'container'
    ? l10n.t('A device stops it, and does not reboot.')
    : restartText(restart);
}
