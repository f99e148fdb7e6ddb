import { l10n } from 'vscode';
import type { Services } from '../services';
import { appFor } from './app-target';

/** Opens the page of what an overlay does to its base. */
export async function showOverlay(services: Services, target?: unknown): Promise<void> {
  const { model, app } = await appFor(services, target, {
    ask: l10n.t('Show the overlay of which app?'),
    whyNot: ({ app: { name, overlay } }) =>
      overlay === undefined
        ? l10n.t('{0} has no overlay. Update it as a patch to make one.', name)
        : undefined,
  });
  services.overlayPages.show({ checkout: model.directory, app: app.name });
}
