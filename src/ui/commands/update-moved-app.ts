import { l10n, window } from 'vscode';
import type { App } from '../../core/checkout/app';
import { bareDigest } from '../../core/checkout/manifests/same-digest';
import { shortDigest } from '../../core/presentation/digest';
import { installedDigest, referenceOf, type ImageState } from '../model/image-state';
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
    detail: movedText(app, review.image),
    id: { checkout: model.directory, app: app.name },
  }));
  const picked = await window.showQuickPick(items, {
    placeHolder: l10n.t('Update which app as a patch?'),
    matchOnDetail: true,
  });
  if (picked === undefined) throw new Dismissed();
  await updateAsPatch(services, picked.id);
}

/** `nginx:1.27 · sha256:0123456789ab → sha256:ba9876543210`; the whole digests are in the tree's tooltips. */
function movedText(app: App, image: ImageState): string {
  const digests = [installedDigest(app), image.kind === 'moved' ? image.current : undefined];
  const short = digests.flatMap((digest) => (digest === undefined ? [] : [shortDigest(bareDigest(digest))]));
  return [referenceOf(app), short.join(' → ')].join(' · ');
}
