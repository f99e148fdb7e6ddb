import { l10n, type Uri, window } from 'vscode';
import { execute } from '../manifest/commands';
import { runCommand } from '../messages/run-command';
import type { Disposable } from '../model/event';
import type { Services } from '../services';
import { cloneLinkOf } from './model/clone-link';

/** `vscode://…/clone?device=alice/kitchen&revision=3`: from anywhere, so that nothing happens before a person says yes. */
export function registerCloneLinks({ log }: Pick<Services, 'log'>): Disposable {
  return window.registerUriHandler({
    handleUri: (uri) => void runCommand('link', log, () => follow(uri)),
  });
}

async function follow(uri: Uri): Promise<void> {
  const link = cloneLinkOf(uri);
  if (link === undefined) {
    void window.showWarningMessage(l10n.t('The link names no device that can be cloned.'));
    return;
  }
  const { device, revision } = link;
  const clone = l10n.t('Clone…');
  const question =
    revision === undefined
      ? l10n.t('Clone the device {0}?', device)
      : l10n.t('Clone revision {0} of the device {1}?', revision, device);
  const detail = l10n.t(
    'A link asks for it. Your login is shown to the hub that it names, if you have one there.',
  );
  if ((await window.showInformationMessage(question, { modal: true, detail }, clone)) === clone)
    await execute('pantavisor.cloneDevice', device, revision);
}
