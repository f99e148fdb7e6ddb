import { commands, l10n, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import type { RevisionFile, RevisionFileSystem } from '../../core/use-cases/compare-revisions';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import { withProgress } from '../messages/with-progress';
import type { Services } from '../services';
import type { NamedDevice } from './device-target';
import { attended } from './log-in';
import { revisionUri } from './revision-documents';

export interface ComparedRevisions {
  readonly device: NamedDevice;
  readonly before: string;
  readonly after: string;
}

interface Item extends QuickPickItem {
  readonly open?: () => Promise<unknown>;
}

/** Shows what differs between two revisions: inside of file systems, and in the files beside them. */
export async function showRevisionDifferences(
  services: Services,
  compared: ComparedRevisions,
): Promise<void> {
  const { device, before, after } = compared;
  const title = l10n.t('Comparing revisions {0} and {1} of {2}', before, after, device.name);
  const { fileSystems, files } = await attended(services, () =>
    withProgress(title, (options) =>
      services.backend.request('compareRevisions', { device: device.address, before, after }, options),
    ),
  );
  const texts = files.filter(({ path: file }) => !file.endsWith('.squashfs'));
  const items: Item[] = [
    ...fileSystems.map((one) => ({
      label: `$(layers) ${one.name}`,
      description: l10n.t('what changed inside'),
      open: () => showFileSystem(services, compared, one),
    })),
    ...(fileSystems.length > 0 && files.length > 0
      ? [{ label: l10n.t('Files'), kind: QuickPickItemKind.Separator }]
      : []),
    ...(texts.length > 1
      ? [
          {
            label: l10n.t('$(diff-multiple) All {0} Files', texts.length),
            open: () => showAll(compared, texts),
          },
        ]
      : []),
    ...files.map((file) => ({
      label: `$(file) ${file.path}`,
      description: standingText(file),
      open: () => showFile(compared, file),
    })),
  ];
  const openable = items.filter(({ open }) => open !== undefined);
  const [only, ...others] = openable;
  if (only === undefined)
    throw new CannotRun(l10n.t('Revisions {0} and {1} of {2} are the same.', before, after, device.name));
  const picked =
    others.length === 0
      ? only
      : await window.showQuickPick(items, {
          placeHolder: l10n.t(
            'What differs between revisions {0} and {1} of {2}',
            before,
            after,
            device.name,
          ),
        });
  if (picked?.open === undefined) throw new Dismissed();
  await picked.open();
}

async function showFileSystem(
  services: Services,
  { device, before, after }: ComparedRevisions,
  { name, before: was, after: is }: RevisionFileSystem,
): Promise<void> {
  const mount = (revision: string, files: readonly string[]) =>
    withProgress(l10n.t('Fetching {0} of revision {1}', name, revision), (options) =>
      services.backend.request('mountRevision', { device: device.address, revision, files }, options),
    );
  const nameOf = (revision: string) => l10n.t('{0}, revision {1}', name, revision);
  services.comparisonPages.show({
    before: { name: nameOf(before), files: await mount(before, was) },
    after: { name: nameOf(after), files: await mount(after, is) },
  });
}

function showAll({ device, before, after }: ComparedRevisions, files: readonly RevisionFile[]) {
  const uriOf = (revision: string, file: string) => revisionUri({ device: device.address, revision, file });
  const title = l10n.t('{0}: revisions {1} ↔ {2}', device.name, before, after);
  const resources = files.map(({ path: file, standing }) => [
    uriOf(after, file),
    standing === 'added' ? undefined : uriOf(before, file),
    standing === 'removed' ? undefined : uriOf(after, file),
  ]);
  return Promise.resolve(commands.executeCommand('vscode.changes', title, resources));
}

function showFile({ device, before, after }: ComparedRevisions, { path: file }: RevisionFile) {
  const uriOf = (revision: string) => revisionUri({ device: device.address, revision, file });
  const title = l10n.t('{0}: revisions {1} ↔ {2}', file, before, after);
  return Promise.resolve(commands.executeCommand('vscode.diff', uriOf(before), uriOf(after), title));
}

function standingText({ standing }: RevisionFile): string {
  switch (standing) {
    case 'added':
      return l10n.t('added');
    case 'changed':
      return l10n.t('changed');
    case 'removed':
      return l10n.t('removed');
  }
}
