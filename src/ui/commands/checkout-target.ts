import { commands, l10n, window } from 'vscode';
import { commandIds } from '../manifest/command-ids';
import type { CheckoutModel } from '../model/checkout-model';
import type { Services } from '../services';
import { checkoutOf, isTreeNode } from '../tree/nodes';
import { CannotRun } from './cannot-run';
import { Dismissed } from './dismissed';

/** The checkout that a command is about: the one it was given (a node or a path), the only one, else one that a person picks. */
export async function checkoutFor(
  { checkouts }: Services,
  target: unknown,
  ask: string,
): Promise<CheckoutModel> {
  const all = await checkouts.find();
  if (isTreeNode(target)) return checkoutOf(target);
  const named = typeof target === 'string' ? checkouts.byDirectory(target) : undefined;
  if (named !== undefined) return named;
  const [only, ...others] = all;
  if (only === undefined) throw noCheckout();
  if (others.length === 0) return only;
  const items = all.map((model) => ({ label: model.name, description: model.directory, model }));
  const picked = await window.showQuickPick(items, { placeHolder: ask, matchOnDescription: true });
  if (picked === undefined) throw new Dismissed();
  return picked.model;
}

export function noCheckout(): CannotRun {
  const message = l10n.t('There is no Pantavisor checkout in this window (no folder with a .pvr).');
  return new CannotRun(message, [
    { title: l10n.t('Open Folder…'), run: () => commands.executeCommand('vscode.openFolder') },
    {
      title: l10n.t('Make a Folder a Checkout…'),
      run: () => commands.executeCommand(commandIds.initCheckout),
    },
  ]);
}
