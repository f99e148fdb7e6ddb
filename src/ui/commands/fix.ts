import { l10n, window } from 'vscode';
import { applyFix, fixActions } from '../diagnostics/quick-fixes';
import { contradictionTitle } from '../diagnostics/contradiction-text';
import { Dismissed } from '../messages/cannot-run';
import type { Services } from '../services';
import { checkoutOf, type ContradictionNode, isTreeNode } from '../tree/nodes';
import type { Commands } from './declare';

declare module '../manifest/commands' {
  interface CommandArguments {
    /** Of rows only. */
    'pantavisor.fixProblem': [row?: ContradictionNode];
  }
}

export const fixCommands = { 'pantavisor.fixProblem': fixProblem } satisfies Commands;

/** Offers what the quick fixes of an editor do. */
async function fixProblem(_services: Services, row: unknown): Promise<void> {
  if (!isTreeNode(row) || row.kind !== 'contradiction') return;
  const actions = await fixActions(checkoutOf(row).directory, row.contradiction);
  const picked = await window.showQuickPick(
    actions.map((action) => ({ label: action.title, action })),
    { title: contradictionTitle(row.contradiction), placeHolder: l10n.t('What to do about it') },
  );
  if (picked === undefined) throw new Dismissed();
  await applyFix(picked.action);
}
