import path from 'node:path';
import { commands, l10n, Uri } from 'vscode';
import { baseVolume, overlayVolume } from '../../core/checkout/manifests/volume-name';
import type { UncommittedFile } from '../../core/checkout/uncommitted';
import { pathExists } from '../../core/files/file-problem';
import { execute } from '../manifest/commands';
import { squashfsEditorType } from '../manifest/view-ids';
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

/** What changed inside an app's file systems, stacked as a device does it; of one that is new or gone, what it holds. */
async function openBuild(
  services: Services,
  model: CheckoutModel,
  name: string,
  standing: UncommittedFile['standing'],
): Promise<void> {
  if (await compareWithCommitted(services, model, name)) return;
  const app = model.app(name);
  if (standing === 'removed') await openCommitted(model, name);
  else if (app?.overlay !== undefined)
    await execute('pantavisor.showOverlay', { checkout: model.directory, app: name });
  else if (app?.base !== undefined)
    await commands.executeCommand('vscode.open', Uri.file(path.join(model.directory, app.base.path)));
  else throw notHere(name);
}

/** @returns false where there is nothing to compare it with: it came or went as a whole, or what was committed is not on this machine. */
async function compareWithCommitted(
  { backend, comparisonPages }: Services,
  { directory: checkoutDirectory }: CheckoutModel,
  name: string,
): Promise<boolean> {
  const all = await backend.request('listChangedFileSystems', { checkoutDirectory });
  const changed = all.find((one) => one.name === name);
  if (changed === undefined) return false;
  const isHere = await Promise.all(changed.before.map((file) => pathExists(file)));
  if (isHere.includes(false)) return false;
  comparisonPages.show({
    before: { files: changed.before, name: l10n.t('{0} as committed', name) },
    after: { files: changed.after, name: l10n.t('{0} as it is now', name) },
  });
  return true;
}

async function openCommitted({ directory }: CheckoutModel, app: string): Promise<void> {
  const { committedFile } = await import('../../core/checkout/committed-file');
  for (const volume of [baseVolume, overlayVolume]) {
    const file = await committedFile(directory, `${app}/${volume}`);
    if (file === undefined) continue;
    await commands.executeCommand('vscode.openWith', Uri.file(file), squashfsEditorType);
    return;
  }
  throw notHere(app);
}

function notHere(name: string): CannotRun {
  return new CannotRun(
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
      if (name.endsWith('.squashfs') && (await compareWithCommitted(services, model, name))) return;
      if (isText(name)) await openTextDiff(model, name);
      else await commands.executeCommand('vscode.open', after);
  }
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
