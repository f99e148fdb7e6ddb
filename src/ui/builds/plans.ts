import { l10n } from 'vscode';
import type { BackendClient } from '../../backend/client';
import type { ParamsOf } from '../../backend/protocol';
import { signaturesAtStake } from '../../core/checkout/signatures-at-stake';
import type { CommitReport } from '../../core/use-cases/commit';
import type { BuildReport } from '../../core/use-cases/report';
import type { UpdateAppRequest } from '../../core/use-cases/update-app';
import type { CheckoutModel } from '../model/checkout-model';
import type { BuildPlan } from './builds';

/** @param position among the apps that are updated one after the other: `2/5`. */
export function updatePlan(
  backend: BackendClient,
  model: CheckoutModel,
  request: UpdateAppRequest,
  position?: string,
): BuildPlan<BuildReport> {
  const { app, kind, isPreview = false } = request;
  const isNewBase = kind === 'new-base';
  return {
    model,
    what: updateTitle(request, position),
    apps: isNewBase ? [app, ...(model.app(app)?.dependants ?? [])] : [app],
    note: isPreview ? undefined : signaturesNote(model, app, { isNewBase }),
    rounds: isNewBase ? 1 + (model.app(app)?.dependants.length ?? 0) : 1,
    isPreview,
    run: (options) => backend.request('updateApp', { checkoutDirectory: model.directory, request }, options),
  };
}

function updateTitle({ app, kind, isPreview }: UpdateAppRequest, position: string | undefined): string {
  if (kind === 'new-base')
    return isPreview === true
      ? l10n.t('Previewing a new base of {0}', app)
      : l10n.t('Building a new base of {0}', app);
  if (isPreview === true) return l10n.t('Previewing a patch of {0}', app);
  return position === undefined
    ? l10n.t('Updating {0} as a patch', app)
    : l10n.t('Updating {0} as a patch ({1})', app, position);
}

export function installPlan(
  backend: BackendClient,
  model: CheckoutModel,
  app: string,
): BuildPlan<BuildReport> {
  return {
    model,
    what: l10n.t('Building what {0} lacks', app),
    apps: [app],
    note: signaturesNote(model, app, { isNewBase: false }),
    rounds: 2,
    run: (options) => backend.request('installApp', { checkoutDirectory: model.directory, app }, options),
  };
}

export function commitPlan(
  backend: BackendClient,
  model: CheckoutModel,
  request: Omit<ParamsOf<'commit'>, 'checkoutDirectory'>,
): BuildPlan<CommitReport> {
  return {
    model,
    what: l10n.t('Committing {0}', model.name),
    run: (options) => backend.request('commit', { checkoutDirectory: model.directory, ...request }, options),
  };
}

function signaturesNote(
  { apps }: CheckoutModel,
  app: string,
  kind: { readonly isNewBase: boolean },
): string | undefined {
  const files = signaturesAtStake(apps, app, kind);
  return files.length === 0 ? undefined : l10n.t('to be signed again afterwards: {0}', files.join(', '));
}
