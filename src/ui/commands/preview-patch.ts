import { l10n } from 'vscode';
import { runWithNotification } from '../builds/build-notification';
import type { Services } from '../services';
import { appFor } from './app-target';
import { whyNotFromDocker } from './update-app';

/** Shows what a patch would hold and weigh. Nothing is written. */
export async function previewPatch(services: Services, target?: unknown): Promise<void> {
  const { model, app } = await appFor(services, target, {
    ask: l10n.t('Preview a patch of which app?'),
    whyNot: whyNotFromDocker,
  });
  const request = { app: app.name, kind: 'patch', isPreview: true } as const;
  const { report } = await runWithNotification(
    services.builds,
    {
      model,
      what: l10n.t('Previewing a patch of {0}', app.name),
      isPreview: true,
      run: (options) =>
        services.backend.request('updateApp', { checkoutDirectory: model.directory, request }, options),
    },
    services.log,
  );
  services.overlayPages.showPreview({ checkout: model.directory, app: app.name }, report);
}
