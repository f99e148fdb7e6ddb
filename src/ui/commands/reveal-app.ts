import { commands, l10n, Uri } from 'vscode';
import type { Services } from '../services';
import { appFor } from './app-target';

/** Shows an app's folder in the Explorer. */
export async function revealApp(services: Services, target?: unknown): Promise<void> {
  const { app } = await appFor(services, target, { ask: l10n.t('Reveal which app?') });
  await commands.executeCommand('revealInExplorer', Uri.file(app.directory));
}

/** Selects an app in the tree. */
export async function goToApp(services: Services, target?: unknown): Promise<void> {
  const { model, app } = await appFor(services, target, { ask: l10n.t('Go to which app?') });
  await services.appsView.reveal({ checkout: model.directory, app: app.name });
}
