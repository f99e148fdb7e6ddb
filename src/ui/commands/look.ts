import path from 'node:path';
import { commands, l10n, Uri, window } from 'vscode';
import { mountUri } from '../files/mount-uri';
import { appMounts } from '../files/view-mounts';
import { execute } from '../manifest/commands';
import { squashfsEditorType } from '../manifest/view-ids';
import { CannotRun, type Way } from '../messages/cannot-run';
import { offer } from '../messages/run-command';
import type { AppId, FoundApp } from '../model/checkouts';
import type { Services } from '../services';
import type { Commands } from './declare';
import { mountFor, pickMount } from './mount-target';
import { appFor } from './targets';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.showOverlay': [app?: AppId];
    'pantavisor.compareWithBase': [app?: AppId];
    'pantavisor.compareImages': [first?: Uri, selection?: readonly Uri[]];
    'pantavisor.openSourceManifest': [app?: AppId];
    'pantavisor.revealApp': [app?: AppId];
    'pantavisor.goToApp': [app?: AppId];
  }
}

export const lookCommands = {
  'pantavisor.showOverlay': showOverlay,
  'pantavisor.compareWithBase': compareWithBase,
  'pantavisor.compareImages': compareImages,
  'pantavisor.openSourceManifest': openSourceManifest,
  'pantavisor.revealApp': revealApp,
  'pantavisor.goToApp': goToApp,
} satisfies Commands;

/** Opens the page of what an overlay does to its base. */
async function showOverlay(services: Services, target?: unknown): Promise<void> {
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
    run: () => execute('pantavisor.updateAsPatch', { checkout: model.directory, app: name }),
  };
  return [
    ...(base === undefined ? [] : [showBase(base.path)]),
    ...(source.kind === 'docker' ? [update] : []),
  ];
}

/** Every text that an overlay changes, side by side in one editor, as Git's "Open Changes" has it. */
async function compareWithBase(services: Services, target?: unknown): Promise<void> {
  const found = await appFor(services, target, {
    ask: l10n.t('Compare which app with its base?'),
    whyNot: ({ app: { name, overlay } }) =>
      overlay === undefined ? l10n.t('{0} has no overlay: it is what its base is.', name) : undefined,
  });
  const { base, device } = appMounts(found);
  const { name } = found.app;
  if (base === undefined || device === undefined)
    throw new CannotRun(l10n.t('The base of {0} is not here.', name));
  const both = { before: base.files, after: device.files };
  const { changes, others } = await services.backend.request('listTextChanges', both);
  const showOverlay = {
    title: l10n.t('Show Overlay'),
    run: () => execute('pantavisor.showOverlay', { checkout: found.model.directory, app: name }),
  };
  if (changes.length === 0)
    throw new CannotRun(l10n.t('No text differs between {0} and its base.', name), [showOverlay]);
  const resources = changes.map(({ path, change }) => {
    const before = change === 'added' ? undefined : mountUri(base.files, path);
    const after = change === 'deleted' ? undefined : mountUri(device.files, path);
    return [after ?? before, before, after];
  });
  await commands.executeCommand('vscode.changes', l10n.t('{0} ↔ its base', name), resources);
  if (others === 0) return;
  const message = l10n.t('{0} more files differ that are binary, large or too many to be shown.', others);
  void offer(window.showInformationMessage, message, [showOverlay]);
}

/** What differs between any two: views of apps, or SquashFS files. Two that are selected in the Explorer are taken. */
async function compareImages(services: Services, target?: unknown, selection?: unknown): Promise<void> {
  const selected = Array.isArray(selection) ? selection.filter((item) => item instanceof Uri) : [];
  const [first, second, ...more] = selected;
  if (first !== undefined && second !== undefined && more.length === 0) {
    const [before, after] = [await mountFor(services, first, ''), await mountFor(services, second, '')];
    services.comparisonPages.show({ before, after });
    return;
  }
  const before = await mountFor(services, target, l10n.t('Compare what?'));
  const after = await pickMount(services, l10n.t('Compare {0} with what?', before.name));
  services.comparisonPages.show({ before, after });
}

/** Shows an app's folder in the Explorer. */
async function revealApp(services: Services, target?: unknown): Promise<void> {
  const { app } = await appFor(services, target, { ask: l10n.t('Reveal which app?') });
  await commands.executeCommand('revealInExplorer', Uri.file(app.directory));
}

/** Selects an app in the tree. */
async function goToApp(services: Services, target?: unknown): Promise<void> {
  const { model, app } = await appFor(services, target, { ask: l10n.t('Go to which app?') });
  await services.appsView.reveal({ checkout: model.directory, app: app.name });
}

async function openSourceManifest(services: Services, target?: unknown): Promise<void> {
  const { app } = await appFor(services, target, {
    ask: l10n.t('Open the src.json of which app?'),
    whyNot: ({ app: { name, source } }) =>
      source.kind === 'none' ? l10n.t('{0} has no src.json.', name) : undefined,
  });
  await window.showTextDocument(Uri.file(path.join(app.directory, 'src.json')));
}
