import path from 'node:path';
import { commands, l10n, type QuickPickItem, Uri, window } from 'vscode';
import type { DeviceDifferences } from '../../core/use-cases/compare-with-device';
import { isAtOrBelow } from '../../core/checkout/paths';
import { deviceFor } from '../devices/device-target';
import { attended } from '../devices/log-in';
import { revisionUri } from '../devices/revision-documents';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import { withProgress } from '../messages/with-progress';
import type { CheckoutModel } from '../model/checkout-model';
import { isText } from '../revisions/checkout-source-control';
import { commitUri } from '../revisions/commit-address';
import type { Services } from '../services';

type DifferenceItem = QuickPickItem & { readonly open: () => unknown };

/**
 * Shows what of a checkout is otherwise on its device: inside of file systems on a page, of texts in an editor.
 *
 * @param part an app, or what else lies at the top; undefined: all.
 */
export async function openDifference(
  services: Services,
  model: CheckoutModel,
  part: string | undefined,
): Promise<void> {
  const { backend } = services;
  const { directory: checkoutDirectory, name } = model;
  const [origin] = await backend.request('listOrigins', { checkouts: [checkoutDirectory] });
  const device = origin
    ? undefined
    : (await deviceFor(services, undefined, l10n.t('Compare {0} with which device?', name))).address;
  const found = await attended(services, () =>
    withProgress(l10n.t('Comparing {0} with its device', name), (options) =>
      backend.request('compareWithDevice', { checkoutDirectory, device }, options),
    ),
  );
  const items = itemsOf(services, model, found, part);
  const [only, ...others] = items;
  const what = deviceSide(found);
  if (only === undefined) {
    void window.showInformationMessage(
      part === undefined
        ? l10n.t('The files of {0} are the same as in {1}.', name, what)
        : l10n.t('{0} is the same as in {1}.', part, what),
    );
    return;
  }
  const picked =
    others.length === 0
      ? only
      : await window.showQuickPick(items, {
          title: l10n.t('{0}, against {1}', name, what),
          placeHolder: l10n.t('What to look at'),
          matchOnDescription: true,
        });
  if (picked === undefined) throw new Dismissed();
  await picked.open();
}

function deviceSide({ name, revision, isRunning }: DeviceDifferences): string {
  return isRunning
    ? l10n.t('revision {0}, which {1} runs', revision, name)
    : l10n.t('revision {0} of {1}', revision, name);
}

function itemsOf(
  services: Services,
  model: CheckoutModel,
  { device, name, revision, fileSystems, files }: DeviceDifferences,
  part: string | undefined,
): readonly DifferenceItem[] {
  const isMeant = (file: string) =>
    part === undefined || isAtOrBelow(file, part) || isAtOrBelow(file, `_config/${part}`);
  const inSystems = fileSystems
    .filter((one) => isMeant(one.name))
    .map((one): DifferenceItem => ({
      label: `$(layers) ${one.name}`,
      description: l10n.t('what changed inside'),
      open: async () => {
        const before = await withProgress(l10n.t('Fetching {0} of the device', one.name), (options) =>
          services.backend.request('mountRevision', { device, revision, files: one.before }, options),
        );
        services.comparisonPages.show({
          before: { files: before, name: l10n.t('{0}, revision {1} of {2}', one.name, revision, name) },
          after: {
            files: one.after.map((file) => path.join(model.directory, file)),
            name: l10n.t('{0} in the checkout', one.name),
          },
        });
      },
    }));
  const inFiles = files
    .filter((file) => isMeant(file.path))
    .map(({ path: file, standing }): DifferenceItem => {
      const [before, after] = [revisionUri({ device, revision, file }), ownUri(model, file)];
      switch (standing) {
        case 'added':
          return {
            label: `$(diff-added) ${file}`,
            description: l10n.t('only here'),
            open: () => commands.executeCommand('vscode.open', Uri.file(path.join(model.directory, file))),
          };
        case 'removed':
          return {
            label: `$(diff-removed) ${file}`,
            description: l10n.t('only on the device'),
            open: () => {
              if (!isText(file))
                throw new CannotRun(l10n.t('{0} is no text, and is on the device alone.', file));
              return commands.executeCommand('vscode.open', before);
            },
          };
        case 'changed':
          return {
            label: `$(diff-modified) ${file}`,
            description: l10n.t('changed'),
            open: () =>
              commands.executeCommand(
                'vscode.diff',
                before,
                after,
                l10n.t('{0}: Revision {1} of {2} ↔ Checkout', file, revision, name),
              ),
          };
      }
    });
  return [...inSystems, ...inFiles];
}

/** Of JSON both sides have their keys sorted. */
function ownUri({ directory: checkout }: CheckoutModel, file: string): Uri {
  return file.endsWith('.json')
    ? commitUri({ checkout, file, view: 'present-sorted' })
    : Uri.file(path.join(checkout, file));
}
