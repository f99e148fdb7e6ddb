import { commands, l10n, window } from 'vscode';
import type { ImageCheck } from '../../core/use-cases/check-images';
import { commandIds } from '../manifest/command-ids';
import { appsViewId } from '../manifest/view-ids';
import { inEditorWords } from '../messages/remedy-text';
import type { FoundApp } from '../model/checkouts';
import type { Services } from '../services';
import { appFor } from './app-target';
import { CannotRun } from './cannot-run';
import { noCheckout } from './checkout-target';
import { offer } from './run-command';
import { whyNotFromDocker } from './update-app';

export async function checkImage(services: Services, target?: unknown): Promise<void> {
  const found = await appFor(services, target, {
    ask: l10n.t('Check the image of which app?'),
    whyNot: whyNotFromDocker,
  });
  const [check] = await askAboutImages(services, [found]);
  if (check !== undefined) tellOne(found, check);
}

export async function checkAllImages(services: Services): Promise<void> {
  const all = await services.checkouts.readApps();
  if (services.checkouts.all.length === 0) throw noCheckout();
  if (all.every(({ app }) => app.source.kind !== 'docker')) {
    throw new CannotRun(l10n.t('There is no app that is made from a docker image.'));
  }
  tellAll(await askAboutImages(services, all));
}

/** Whoever calls this tells what came out. */
export function askAboutImages(
  { images, movedNotifications }: Services,
  found: readonly FoundApp[],
): Promise<readonly ImageCheck[]> {
  const options = { location: { viewId: appsViewId }, title: l10n.t('Checking for newer images') };
  return Promise.resolve(
    window.withProgress(options, () =>
      movedNotifications.quietly(() => images.check(found, new AbortController().signal)),
    ),
  );
}

function tellOne({ model, app }: FoundApp, check: ImageCheck): void {
  switch (check.state) {
    case 'current':
      void window.showInformationMessage(
        l10n.t('{0} is up to date: {1} has not moved.', app.name, check.reference),
      );
      return;
    case 'moved': {
      const id = { checkout: model.directory, app: app.name };
      void offer(
        window.showInformationMessage,
        l10n.t('{0} names another image now than {1} is made from.', check.reference, app.name),
        [
          {
            title: l10n.t('Update as Patch'),
            run: () => commands.executeCommand(commandIds.updateAsPatch, id),
          },
          { title: l10n.t('Preview'), run: () => commands.executeCommand(commandIds.previewPatch, id) },
        ],
      );
      return;
    }
    case 'failed':
      void window.showWarningMessage(
        l10n.t(
          '{0} could not be checked: {1}. {2}.',
          check.reference,
          check.found,
          inEditorWords(check.remedy),
        ),
      );
  }
}

function tellAll(checks: readonly ImageCheck[]): void {
  const namesOf = (state: ImageCheck['state']) =>
    checks.filter((check) => check.state === state).map(({ app }) => app);
  const moved = namesOf('moved');
  const failed = namesOf('failed');
  const text = [
    ...(moved.length > 0 ? [l10n.t('Newer images: {0}.', moved.join(', '))] : []),
    // Of those that could not be asked about, nobody knows.
    ...(moved.length + failed.length === 0 ? [l10n.t('No image has moved.')] : []),
    ...(failed.length > 0 ? [l10n.t('Could not be checked: {0}.', failed.join(', '))] : []),
  ].join(' ');
  const ways =
    moved.length === 0
      ? []
      : [{ title: l10n.t('Update…'), run: () => commands.executeCommand(commandIds.updateMovedApp) }];
  void offer(failed.length > 0 ? window.showWarningMessage : window.showInformationMessage, text, ways);
}
