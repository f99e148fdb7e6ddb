import path from 'node:path';
import { l10n, Uri, window } from 'vscode';
import type { Services } from '../services';
import { appFor } from './app-target';

export async function openSourceManifest(services: Services, target?: unknown): Promise<void> {
  const { app } = await appFor(services, target, {
    ask: l10n.t('Open the src.json of which app?'),
    whyNot: ({ app: { name, source } }) =>
      source.kind === 'none' ? l10n.t('{0} has no src.json.', name) : undefined,
  });
  await window.showTextDocument(Uri.file(path.join(app.directory, 'src.json')));
}
