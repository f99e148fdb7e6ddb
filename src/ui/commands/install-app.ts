import { l10n } from 'vscode';
import { signaturesAtStake } from '../../core/checkout/signatures-at-stake';
import { runWithNotification } from '../builds/build-notification';
import { signAgainText } from '../builds/report-text';
import type { Services } from '../services';
import { appFor } from './app-target';
import { showReport } from './show-report';
import { whyNotFromDocker } from './update-app';

/** Makes what an app lacks from its src.json. */
export async function installApp(services: Services, target?: unknown): Promise<void> {
  const { model, app } = await appFor(services, target, {
    ask: l10n.t('Build what is missing of which app?'),
    whyNot: whyNotFromDocker,
  });
  const finished = await runWithNotification(
    services.builds,
    {
      model,
      what: l10n.t('Building what {0} lacks', app.name),
      note: signAgainText(signaturesAtStake(model.apps, app.name, { isNewBase: false })),
      rounds: 2,
      run: (options) =>
        services.backend.request(
          'installApp',
          { checkoutDirectory: model.directory, app: app.name },
          options,
        ),
    },
    services.log,
  );
  showReport(model, finished);
}
