import path from 'node:path';
import { commands, l10n, Uri } from 'vscode';
import { commandIds } from '../manifest/command-ids';
import { squashfsEditorType } from '../manifest/view-ids';
import type { FoundApp } from '../model/checkouts';
import type { Services } from '../services';
import { appFor } from './app-target';
import type { Way } from './cannot-run';

/** Opens the page of what an overlay does to its base. */
export async function showOverlay(services: Services, target?: unknown): Promise<void> {
  const { model, app } = await appFor(services, target, {
    ask: l10n.t('Show the overlay of which app?'),
    whyNot: ({ app: { name, overlay } }) =>
      overlay === undefined
        ? l10n.t('{0} has no overlay. Update it as a patch to make one.', name)
        : undefined,
    instead: withoutOverlay,
  });
  services.overlayPages.show({ checkout: model.directory, app: app.name });
}

function withoutOverlay({ model, app: { name, base, source } }: FoundApp): readonly Way[] {
  const showBase = (file: string): Way => ({
    title: l10n.t('Show Base'),
    run: () =>
      commands.executeCommand(
        'vscode.openWith',
        Uri.file(path.join(model.directory, file)),
        squashfsEditorType,
      ),
  });
  const update: Way = {
    title: l10n.t('Update as Patch'),
    run: () => commands.executeCommand(commandIds.updateAsPatch, { checkout: model.directory, app: name }),
  };
  return [
    ...(base === undefined ? [] : [showBase(base.path)]),
    ...(source.kind === 'docker' ? [update] : []),
  ];
}
