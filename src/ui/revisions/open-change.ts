import path from 'node:path';
import { commands, l10n, Uri } from 'vscode';
import type { UncommittedFile } from '../../core/checkout/uncommitted';
import type { NamedMount } from '../files/view-mounts';
import { execute } from '../manifest/commands';
import { CannotRun } from '../messages/cannot-run';
import type { CheckoutModel } from '../model/checkout-model';
import type { Services } from '../services';
import type { ChangeState } from './change-state';
import { isText } from './checkout-source-control';
import { commitUri } from './commit-address';

/** Shows what a change is, in the form that suits what changed. */
export async function openChange(services: Services, { model, row }: ChangeState): Promise<void> {
  if (row.kind === 'build') {
    await openBuild(services, model, row.path, row.standing);
    return;
  }
  const [file] = row.files;
  if (file !== undefined) await openFile(services, model, file);
}

/** All texts of a change side by side, in one editor. */
export async function openTexts({ model, row }: ChangeState): Promise<void> {
  const texts = row.files.filter(({ path: file }) => isText(file));
  if (texts.length === 0) throw new CannotRun(l10n.t('No text of {0} has changed.', row.path));
  const resources = texts.map(({ path: file, standing }) => {
    const { before, after } = sidesOf(model, file);
    return [after, standing === 'added' ? undefined : before, standing === 'removed' ? undefined : after];
  });
  await commands.executeCommand('vscode.changes', l10n.t('{0}: Last Commit ↔ Now', row.path), resources);
}

/** What changed inside an app's file systems, stacked as a device does it. */
async function openBuild(
  services: Services,
  model: CheckoutModel,
  name: string,
  standing: UncommittedFile['standing'],
): Promise<void> {
  const app = model.app(name);
  const baseOwner = app?.baseApp ?? name;
  const volumes = [`${baseOwner}/root.squashfs`, `${name}/root.ovl.squashfs`];
  const before = await committedMount(model, volumes, l10n.t('{0} as committed', name));
  const present = [
    ...(app?.base !== undefined || app?.baseApp !== undefined ? volumes.slice(0, 1) : []),
    ...(app?.overlay === undefined ? [] : volumes.slice(1)),
  ];
  const after = {
    files: present.map((file) => path.join(model.directory, file)),
    name: l10n.t('{0} as it is now', name),
  };
  if (before !== undefined && after.files.length > 0) {
    services.comparisonPages.show({ before, after });
    return;
  }
  if (standing !== 'removed' && app?.overlay !== undefined) {
    await execute('pantavisor.showOverlay', { checkout: model.directory, app: name });
    return;
  }
  if (after.files[0] !== undefined && standing !== 'removed') {
    await commands.executeCommand('vscode.open', Uri.file(after.files[0]));
    return;
  }
  if (before?.files[0] !== undefined) {
    services.comparisonPages.show({ before, after: { files: [], name: after.name } });
    return;
  }
  throw new CannotRun(
    l10n.t('What was committed of {0} is not on this machine, so nothing can be compared.', name),
  );
}

async function openFile(services: Services, model: CheckoutModel, file: UncommittedFile): Promise<void> {
  const { path: name, standing, size } = file;
  const { before, after } = sidesOf(model, name);
  switch (standing) {
    case 'untracked':
      await commands.executeCommand(size === undefined ? 'revealInExplorer' : 'vscode.open', after);
      return;
    case 'added':
    case 'broken':
      await commands.executeCommand('vscode.open', after);
      return;
    case 'removed':
      await commands.executeCommand('vscode.open', before, undefined, l10n.t('{0} (Last Commit)', name));
      return;
    case 'not-compared':
      await execute('pantavisor.compareWithCommit', model.directory);
      return;
    case 'changed':
      if (name.endsWith('.squashfs')) await openSquashfs(services, model, name);
      else if (isText(name)) await openTextDiff(model, name);
      else await commands.executeCommand('vscode.open', after);
  }
}

async function openSquashfs(services: Services, model: CheckoutModel, name: string): Promise<void> {
  const before = await committedMount(model, [name], l10n.t('{0} as committed', name));
  const after = path.join(model.directory, name);
  if (before === undefined) await commands.executeCommand('vscode.open', Uri.file(after));
  else
    services.comparisonPages.show({
      before,
      after: { files: [after], name: l10n.t('{0} as it is now', name) },
    });
}

/** Of JSON both sides have their keys sorted: what pvr wrote and what a person did then differ in what they say alone. */
async function openTextDiff({ directory: checkout }: CheckoutModel, file: string): Promise<void> {
  const isJson = file.endsWith('.json');
  const before = commitUri({ checkout, file, view: isJson ? 'sorted' : 'as-there' });
  const after = isJson
    ? commitUri({ checkout, file, view: 'present-sorted' })
    : Uri.file(path.join(checkout, file));
  const title = isJson
    ? l10n.t('{0}: Last Commit ↔ Now, Keys Sorted', file)
    : l10n.t('{0}: Last Commit ↔ Now', file);
  await commands.executeCommand('vscode.diff', before, after, title);
}

function sidesOf(
  { directory: checkout }: CheckoutModel,
  file: string,
): { readonly before: Uri; readonly after: Uri } {
  return {
    before: commitUri({ checkout, file, view: 'as-there' }),
    after: Uri.file(path.join(checkout, file)),
  };
}

/** Undefined where nothing of it was committed, or its objects are not on this machine. */
async function committedMount(
  { directory }: CheckoutModel,
  files: readonly string[],
  name: string,
): Promise<NamedMount | undefined> {
  const { committedFile } = await import('../../core/checkout/committed-file');
  const found = await Promise.all(files.map((file) => committedFile(directory, file)));
  const present = found.filter((file) => file !== undefined);
  return present.length === 0 ? undefined : { files: present, name };
}
