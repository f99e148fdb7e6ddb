import { l10n, window } from 'vscode';
import type { Services } from '../services';
import { CannotRun } from './cannot-run';
import { Dismissed } from './dismissed';
import { updateAsPatch } from './update-app';

/** What a click on the status bar does: choose one of the apps whose images moved, and patch it. */
export async function updateMovedApp(services: Services): Promise<void> {
  const { moved } = services.reviews;
  if (moved.length === 0) throw new CannotRun(l10n.t('No image is known to have moved.'));
  const items = moved.map(({ model, app, review }) => ({
    label: `$(cloud-download) ${app.name}`,
    description: model.name,
    detail: review.image.kind === 'moved' ? review.image.current : '',
    id: { checkout: model.directory, app: app.name },
  }));
  const picked = await window.showQuickPick(items, {
    placeHolder: l10n.t('Update which app as a patch?'),
    matchOnDetail: true,
  });
  if (picked === undefined) throw new Dismissed();
  await updateAsPatch(services, picked.id);
}
