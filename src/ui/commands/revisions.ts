import path from 'node:path';
import { commands, l10n, type SourceControl, Uri, window } from 'vscode';
import type { RequestOptions } from '../../backend/client-options';
import type { CommitReport } from '../../core/use-cases/commit';
import type { UncommittedFile } from '../../core/checkout/uncommitted';
import { formatSize } from '../../core/presentation/size';
import { runWithNotification } from '../builds/build-notification';
import { staleSignaturesText } from '../builds/build-texts';
import { commitPlan } from '../builds/plans';
import { signAgain as signAgainWay } from '../builds/show-report';
import { listedFiles } from '../listed-files';
import { execute } from '../manifest/commands';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import { offer } from '../messages/run-command';
import { withProgress } from '../messages/with-progress';
import { type ChangeRow, changeRows } from '../model/change-rows';
import type { CheckoutModel } from '../model/checkout-model';
import { type ChangeState, isChangeState } from '../revisions/change-state';
import { openChange, openTexts } from '../revisions/open-change';
import type { Services } from '../services';
import { type Commands, inTrustedWorkspace } from './declare';
import { checkoutFor, placeToSave } from './targets';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.commit': [checkout?: string];
    'pantavisor.commitAndExport': [checkout?: string];
    'pantavisor.exportRevision': [checkout?: string];
    'pantavisor.discardChanges': [...changes: readonly ChangeState[]];
    'pantavisor.trackFiles': [...changes: readonly ChangeState[]];
    'pantavisor.untrackFiles': [...changes: readonly ChangeState[]];
    'pantavisor.openChange': [change: ChangeState];
    'pantavisor.openChangedTexts': [change: ChangeState];
    'pantavisor.openChangedFile': [change: ChangeState];
    'pantavisor.compareWithCommit': [checkout?: string];
    'pantavisor.showChanges': [];
    'pantavisor.signAgain': [checkout?: string];
    'pantavisor.forgetSigningKey': [];
  }
}

export const revisionsCommands = {
  'pantavisor.commit': inTrustedWorkspace((services, target) => commit(services, target)),
  'pantavisor.commitAndExport': inTrustedWorkspace(commitAndExport),
  'pantavisor.exportRevision': inTrustedWorkspace(exportRevision),
  'pantavisor.discardChanges': inTrustedWorkspace(discardChanges),
  'pantavisor.trackFiles': inTrustedWorkspace(trackFiles),
  'pantavisor.untrackFiles': inTrustedWorkspace(untrackFiles),
  'pantavisor.openChange': (services, target) => openChange(services, oneChange(target)),
  'pantavisor.openChangedTexts': (_, target) => openTexts(oneChange(target)),
  'pantavisor.openChangedFile': (_, target) =>
    commands.executeCommand('vscode.open', oneChange(target).resourceUri),
  // What is found out is written into the checkout.
  'pantavisor.compareWithCommit': inTrustedWorkspace(compareWithCommit),
  'pantavisor.showChanges': () => commands.executeCommand('workbench.view.scm'),
  'pantavisor.signAgain': inTrustedWorkspace(signAgain),
  'pantavisor.forgetSigningKey': forgetSigningKey,
} satisfies Commands;

/** Makes the present files the last commit. Answers which checkout that was. */
async function commit(services: Services, target?: unknown): Promise<CheckoutModel> {
  const model = await revisionFor(services, target, l10n.t('Commit which checkout?'));
  const control = services.sourceControls.of(model.directory);
  await requireChanges(model);
  const message = control?.message ?? (await askForMessage(model));
  const key = await services.signingKeys.chosen();
  if (control) control.isBusy = true;
  try {
    const plan = commitPlan(services.backend, model, { message, key });
    const { report } = await runWithNotification(services, plan);
    if (control) control.forgetMessage();
    tellCommitted(model, report);
    return model;
  } finally {
    if (control) control.isBusy = false;
  }
}

async function requireChanges(model: CheckoutModel): Promise<void> {
  const state = await model.read();
  if (state.kind !== 'read') throw new CannotRun(l10n.t('{0} cannot be read.', model.name));
  const { changes, untracked, notCompared } = changeRows(state.checkout);
  // Whether these have changed is what the commit finds out.
  if (changes.length > 0 || notCompared.length > 0) return;
  const message = l10n.t('Nothing of {0} has changed since the last commit.', model.name);
  throw new CannotRun(
    untracked.length === 0
      ? message
      : `${message} ${l10n.t('What is not tracked has to be added first: {0}.', listedFiles(untracked.map(({ path: file }) => file)))}`,
    untracked.length === 0 ? [] : [showChanges()],
  );
}

async function askForMessage({ name }: CheckoutModel): Promise<string> {
  const message = await window.showInputBox({
    title: l10n.t('Commit {0}', name),
    prompt: l10n.t('What the commit is about'),
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? l10n.t('Type something, or press Escape.') : undefined),
  });
  if (message === undefined) throw new Dismissed();
  return message.trim();
}

function tellCommitted(model: CheckoutModel, report: CommitReport): void {
  const { files, newObjects, staleSignatures, renewedSignatures } = report;
  const count = files.length === 1 ? l10n.t('Committed 1 file') : l10n.t('Committed {0} files', files.length);
  const text = [
    newObjects.count === 0
      ? l10n.t('{0} of {1}.', count, model.name)
      : l10n.t('{0} of {1}, {2} of them new.', count, model.name, formatSize(newObjects.size)),
    ...(renewedSignatures.length > 0 ? [l10n.t('Signed again: {0}.', renewedSignatures.join(', '))] : []),
    ...(staleSignatures.length > 0 ? [staleSignaturesText(staleSignatures)] : []),
  ].join(' ');
  const isAmiss = staleSignatures.length > 0;
  void offer(isAmiss ? window.showWarningMessage : window.showInformationMessage, text, [
    ...(isAmiss ? [signAgainWay(model.directory)] : []),
    { title: l10n.t('Post…'), run: () => execute('pantavisor.post', model.directory) },
    { title: l10n.t('Export…'), run: () => execute('pantavisor.exportRevision', model.directory) },
  ]);
}

async function commitAndExport(services: Services, target?: unknown): Promise<void> {
  const model = await commit(services, target);
  await exportRevision(services, model.directory);
}

/** Writes the last commit, with all that it needs, to a file that pvr imports. */
async function exportRevision(services: Services, target?: unknown): Promise<void> {
  const model = await revisionFor(services, target, l10n.t('Export which checkout?'));
  const place = await placeToSave({
    title: l10n.t('Export {0}', model.name),
    saveLabel: l10n.t('Export'),
    defaultUri: Uri.file(path.join(path.dirname(model.directory), `${path.basename(model.directory)}.tgz`)),
    filters: { [l10n.t('State Exports')]: ['tgz', 'tar.gz', 'tar'] },
  });
  const { files, size = 0 } = await withProgress(l10n.t('Exporting {0}', model.name), (options) =>
    services.backend.request(
      'exportState',
      { checkoutDirectory: model.directory, file: place.fsPath },
      options,
    ),
  );
  const text = l10n.t('Exported {0} files to {1}: {2}.', files, place.fsPath, formatSize(size));
  void offer(window.showInformationMessage, text, [
    { title: l10n.t('Show in Folder'), run: () => commands.executeCommand('revealFileInOS', place) },
  ]);
}

/** Puts files back as they were committed, and deletes what is new, once a person has seen what is lost. */
async function discardChanges(services: Services, ...targets: readonly unknown[]): Promise<void> {
  for (const [model, states] of byCheckout(targets)) {
    const rows = states.map(({ row }) => row).filter(({ standing }) => standing !== 'untracked');
    const all = rows.flatMap(({ files }) => files);
    if (all.length === 0) throw new CannotRun(l10n.t('There is nothing to discard.'));
    await confirmDiscard(rows, all);
    const files = all.map(({ path: file }) => file);
    await change(services, model, l10n.t('Discarding changes of {0}', model.name), (options) =>
      services.backend.request('discardChanges', { checkoutDirectory: model.directory, files }, options),
    );
    window.setStatusBarMessage(
      files.length === 1
        ? l10n.t('Discarded {0}.', files.join(''))
        : l10n.t('Discarded {0} files.', files.length),
      5000,
    );
  }
}

async function confirmDiscard(rows: readonly ChangeRow[], files: readonly UncommittedFile[]): Promise<void> {
  const named = (standings: readonly string[]) =>
    listedFiles(files.filter(({ standing }) => standings.includes(standing)).map(({ path: file }) => file));
  const [lost, deleted, back] = [named(['changed', 'broken']), named(['added']), named(['removed'])];
  const detail = [
    ...(lost ? [l10n.t('Lost are the changes since the last commit of: {0}.', lost)] : []),
    ...(deleted ? [l10n.t('Deleted, because it was never committed: {0}.', deleted)] : []),
    ...(back ? [l10n.t('Put back: {0}.', back)] : []),
    l10n.t('This cannot be undone.'),
  ].join('\n');
  const [only] = rows;
  const count = rows.length;
  const discard = count === 1 ? l10n.t('Discard Change') : l10n.t('Discard {0} Changes', count);
  const question =
    only !== undefined && count === 1
      ? l10n.t('Discard what is not committed of {0}?', only.path)
      : l10n.t('Discard {0} changes that are not committed?', count);
  const answer = await window.showWarningMessage(question, { modal: true, detail }, discard);
  if (answer !== discard) throw new Dismissed();
}

/** Has the next commit take files in. */
function trackFiles(services: Services, ...targets: readonly unknown[]): Promise<void> {
  return track(services, targets, 'trackFiles', (name) => l10n.t('Adding files to {0}', name));
}

/** Has the next commit leave out files that were added since the last one; the files stay. */
function untrackFiles(services: Services, ...targets: readonly unknown[]): Promise<void> {
  return track(services, targets, 'untrackFiles', (name) => l10n.t('Leaving out files of {0}', name));
}

async function track(
  services: Services,
  targets: readonly unknown[],
  request: 'trackFiles' | 'untrackFiles',
  what: (checkout: string) => string,
): Promise<void> {
  for (const [model, states] of byCheckout(targets)) {
    const files = states.flatMap(({ row }) => row.files.map(({ path: file }) => file));
    await change(services, model, what(model.name), (options) =>
      services.backend.request(request, { checkoutDirectory: model.directory, files }, options),
    );
  }
}

/** Reads the large files that nobody has read since they were written to. */
async function compareWithCommit(services: Services, target?: unknown): Promise<void> {
  const model = await revisionFor(services, target, l10n.t('Compare which checkout with its last commit?'));
  await change(services, model, l10n.t('Comparing {0} with its last commit', model.name), (options) =>
    services.backend.request('hashLargeFiles', { checkoutDirectory: model.directory }, options),
  );
}

/** Makes signatures fit again that a change made stale, with a person's key. */
async function signAgain(services: Services, target?: unknown): Promise<void> {
  const model = await revisionFor(services, target, l10n.t('Sign which checkout again?'));
  const state = await model.read();
  if (state.kind !== 'read') throw new CannotRun(l10n.t('{0} cannot be read.', model.name));
  const { changes } = changeRows(state.checkout);
  if (changes.length > 0) await confirmCommit(model, changes.length);
  const key = (await services.signingKeys.chosen()) ?? (await services.signingKeys.choose());
  const control = services.sourceControls.of(model.directory);
  const message = control?.message ?? l10n.t('Signed again');
  const what = l10n.t('Signing {0} again', model.name);
  const report = await change(services, model, what, (options) =>
    services.backend.request('signAgain', { checkoutDirectory: model.directory, message, key }, options),
  );
  if (control) control.forgetMessage();
  const { signatures, staleSignatures } = report;
  const text = [
    signatures.length === 0
      ? l10n.t('All signatures of {0} fit already.', model.name)
      : l10n.t('Signed again, and committed: {0}.', signatures.join(', ')),
    ...(staleSignatures.length > 0 ? [staleSignaturesText(staleSignatures)] : []),
  ].join(' ');
  void offer(
    staleSignatures.length > 0 ? window.showWarningMessage : window.showInformationMessage,
    text,
    [],
  );
}

async function confirmCommit({ name }: CheckoutModel, count: number): Promise<void> {
  const go = l10n.t('Commit and Sign');
  const detail = l10n.t('A signature is over what is committed, so what is not is committed first.');
  const question =
    count === 1
      ? l10n.t('Commit 1 change of {0}, and sign?', name)
      : l10n.t('Commit {0} changes of {1}, and sign?', count, name);
  if ((await window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw new Dismissed();
}

async function forgetSigningKey({ signingKeys }: Services): Promise<void> {
  await signingKeys.forget();
  void window.showInformationMessage(l10n.t('The key is forgotten here; its file is as it was.'));
}

function showChanges() {
  return { title: l10n.t('Show Changes'), run: () => execute('pantavisor.showChanges') };
}

/** A checkout, as the views, Source Control's title (a SourceControl), its groups and links name it. */
function revisionFor(services: Services, target: unknown, ask: string): Promise<CheckoutModel> {
  if (isSourceControl(target)) return checkoutFor(services, target.rootUri?.fsPath, ask);
  return checkoutFor(services, target, ask);
}

function isSourceControl(value: unknown): value is SourceControl {
  return typeof value === 'object' && value !== null && 'rootUri' in value;
}

function oneChange(target: unknown): ChangeState {
  if (isChangeState(target)) return target;
  throw new CannotRun(l10n.t('Choose a change in Source Control.'));
}

/** Rows, or all that are in groups, by the checkout that they belong to. */
function byCheckout(targets: readonly unknown[]): ReadonlyMap<CheckoutModel, readonly ChangeState[]> {
  const states = targets.flatMap(statesIn);
  if (states.length === 0) throw new CannotRun(l10n.t('Choose a change in Source Control.'));
  const found = new Map<CheckoutModel, ChangeState[]>();
  for (const state of states) {
    const others = found.get(state.model);
    if (others === undefined) found.set(state.model, [state]);
    else others.push(state);
  }
  return found;
}

function statesIn(target: unknown): readonly ChangeState[] {
  if (isChangeState(target)) return [target];
  const hasStates = typeof target === 'object' && target !== null && 'resourceStates' in target;
  return hasStates && Array.isArray(target.resourceStates) ? target.resourceStates.filter(isChangeState) : [];
}

/** Behind a notification, and after what else changes the checkout. */
async function change<Result>(
  services: Services,
  model: CheckoutModel,
  what: string,
  run: (options: RequestOptions) => Promise<Result>,
): Promise<Result> {
  return (await runWithNotification(services, { model, what, run })).report;
}
