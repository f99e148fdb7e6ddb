import { commands, l10n, Uri, window } from 'vscode';
import { mountUri } from '../files/mount-uri';
import { appMounts } from '../files/view-mounts';
import { commandIds } from '../manifest/command-ids';
import type { Services } from '../services';
import { appFor } from './app-target';
import { CannotRun } from './cannot-run';
import { mountFor, pickMount } from './mount-target';
import { offer } from './run-command';

/** Every text that an overlay changes, side by side in one editor, as Git's "Open Changes" has it. */
export async function compareWithBase(services: Services, target?: unknown): Promise<void> {
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
    run: () =>
      commands.executeCommand(commandIds.showOverlay, { checkout: found.model.directory, app: name }),
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
export async function compareImages(
  services: Services,
  target?: unknown,
  selection?: unknown,
): Promise<void> {
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
