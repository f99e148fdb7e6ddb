import { l10n } from 'vscode';
import { signaturesAtStake } from '../../core/checkout/signatures-at-stake';
import type { UpdateAppRequest } from '../../core/use-cases/update-app';
import { runWithNotification } from '../builds/build-notification';
import { signAgainText } from '../builds/report-text';
import type { AppReview } from '../model/app-review';
import type { FoundApp } from '../model/checkouts';
import type { Services } from '../services';
import { appFor } from './app-target';
import { showReport } from './show-report';

/** Ships only what changed against the base. */
export async function updateAsPatch(services: Services, target?: unknown): Promise<void> {
  const found = await appFor(services, target, {
    ask: l10n.t('Update which app as a patch?'),
    actsAtOnce: true,
    whyNot: whyNotFromDocker,
  });
  await update(services, found, { app: found.app.name, kind: 'patch' });
}

/** Makes a fresh base, and the overlays of all apps that extend it with it. */
export async function buildNewBase(services: Services, target?: unknown): Promise<void> {
  const found = await appFor(services, target, {
    ask: l10n.t('Build a new base of which app?'),
    whyNot: (review) => whyNotFromDocker(review) ?? whyNoOwnBase(review),
  });
  await update(services, found, { app: found.app.name, kind: 'new-base' });
}

async function update(services: Services, found: FoundApp, request: UpdateAppRequest): Promise<void> {
  const { model, app } = found;
  const isPatch = request.kind === 'patch';
  const finished = await runWithNotification(
    services.builds,
    {
      model,
      what: isPatch
        ? l10n.t('Updating {0} as a patch', app.name)
        : l10n.t('Building a new base of {0}', app.name),
      note: signAgainText(signaturesAtStake(model.apps, app.name, { isNewBase: !isPatch })),
      rounds: isPatch ? 1 : 1 + app.dependants.length,
      run: (options) =>
        services.backend.request('updateApp', { checkoutDirectory: model.directory, request }, options),
    },
    services.log,
  );
  showReport(model, finished);
}

export function whyNotFromDocker({ app }: AppReview): string | undefined {
  switch (app.source.kind) {
    case 'docker':
      return undefined;
    case 'unreadable':
      return l10n.t('src.json of {0} cannot be read. Correct it first.', app.name);
    case 'none':
      return l10n.t('{0} has no src.json, so nobody knows what it is made from.', app.name);
    case 'pvr':
    case 'rootfs':
      return l10n.t('{0} is not made from a docker image.', app.name);
  }
}

function whyNoOwnBase({ app }: AppReview): string | undefined {
  if (app.baseApp === undefined) return undefined;
  return l10n.t(
    '{0} has no base of its own: it extends {1}. Build a new base of {1}.',
    app.name,
    app.baseApp,
  );
}
