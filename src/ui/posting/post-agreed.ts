import { l10n, window } from 'vscode';
import type { DevicePlan } from '../../backend/requests/posting';
import type { BuildPlan } from '../builds/builds';
import { runWithNotification } from '../builds/build-notification';
import type { CheckoutModel } from '../model/checkout-model';
import type { Services } from '../services';
import type { Posted } from '../../core/use-cases/post';

/** What a person has seen a plan of. */
export function postPlan(
  { backend }: Pick<Services, 'backend'>,
  model: CheckoutModel,
  { device, remote, head, stateSha }: DevicePlan,
  isForced: boolean,
): BuildPlan<Posted> {
  const agreed = { head: head?.name, stateSha };
  return {
    model,
    what: l10n.t('Posting {0} to {1}', model.name, remote),
    run: (options) =>
      backend.request(
        'postCommit',
        { checkoutDirectory: model.directory, device, isForced, agreed },
        options,
      ),
  };
}

/** Posts it, and has what becomes of it followed. @throws Problem. */
export async function postAgreed(
  services: Services,
  model: CheckoutModel,
  plan: DevicePlan,
  isForced: boolean,
): Promise<void> {
  const { report } = await runWithNotification(services, postPlan(services, model, plan, isForced));
  const { revision } = report;
  if (revision === undefined) {
    void window.showInformationMessage(l10n.t('{0} has been sent this commit already.', plan.remote));
    return;
  }
  services.posts.follow({
    ...{ checkout: model.directory, device: plan.device, name: plan.remote },
    revision: revision.name,
  });
}
