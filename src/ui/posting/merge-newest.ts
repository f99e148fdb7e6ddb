import { l10n, window } from 'vscode';
import type { DevicePlan } from '../../backend/requests/posting';
import { Problem } from '../../core/problem';
import { waysOf } from '../../core/remedy';
import { capitalized } from '../capitalized';
import { runWithNotification } from '../builds/build-notification';
import { Dismissed } from '../messages/cannot-run';
import type { CheckoutModel } from '../model/checkout-model';
import type { Services } from '../services';

/**
 * Joins what others posted with what changed here, and has the checkout go on from it. Where both changed a part, a person says whose
 * counts.
 *
 * @throws Problem; Dismissed when they don't.
 */
export async function mergeNewest(
  services: Services,
  model: CheckoutModel,
  { device, remote, head }: Pick<DevicePlan, 'device' | 'remote' | 'head'>,
): Promise<void> {
  const take = (prefer?: 'ours' | 'theirs') =>
    runWithNotification(services, {
      model,
      what: l10n.t('Merging revision {0} of {1} into {2}', head?.name ?? '', remote, model.name),
      run: (options) =>
        services.backend.request(
          'takeNewest',
          { checkoutDirectory: model.directory, device, prefer },
          options,
        ),
    });
  const { report } = await take().catch(async (error: unknown) => {
    if (!isConflict(error)) throw error;
    return take(await askWhoseCounts(error));
  });
  const { revision = '', changed } = report;
  window.setStatusBarMessage(
    changed.length === 0
      ? l10n.t('{0} goes on from revision {1} now.', model.name, revision)
      : l10n.t(
          '{0} goes on from revision {1} now, with {2} files of it.',
          model.name,
          revision,
          changed.length,
        ),
    8000,
  );
}

function isConflict(error: unknown): error is Problem {
  return error instanceof Problem && waysOf(error.remedy).some(({ kind }) => kind === 'prefer');
}

async function askWhoseCounts({ found }: Problem): Promise<'ours' | 'theirs'> {
  const [ours, theirs] = [l10n.t('Keep Mine'), l10n.t('Take Theirs')];
  const detail = `${capitalized(found)}.`;
  const question = l10n.t('Whose changes count where both sides changed a part?');
  const answer = await window.showWarningMessage(question, { modal: true, detail }, ours, theirs);
  if (answer === undefined) throw new Dismissed();
  return answer === ours ? 'ours' : 'theirs';
}
