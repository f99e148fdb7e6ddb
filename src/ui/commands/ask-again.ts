import path from 'node:path';
import { l10n, window } from 'vscode';
import type { Services } from '../services';
import { CannotRun } from './cannot-run';

/** Takes back "Don't Ask for This App". */
export async function askAgain({ mutedApps }: Services): Promise<void> {
  const items = mutedApps.all.map((id) => ({ label: id.app, description: path.basename(id.checkout), id }));
  if (items.length === 0) throw new CannotRun(l10n.t('You are asked about the images of all apps.'));
  const picked = await window.showQuickPick(items, {
    placeHolder: l10n.t('Ask about newer images of which apps again?'),
    canPickMany: true,
  });
  for (const { id } of picked ?? []) await mutedApps.remove(id);
}
