import path from 'node:path';
import {
  CodeAction,
  type CodeActionContext,
  CodeActionKind,
  type CodeActionProvider,
  commands,
  l10n,
  languages,
  Range,
  type TextDocument,
  Uri,
  workspace,
  WorkspaceEdit,
} from 'vscode';
import { type Contradiction, fixesFor } from '../../core/checkout/contradictions/contradictions';
import type { Fix } from '../../core/checkout/contradictions/declaration';
import type { CommandId } from '../manifest/commands';
import type { Disposable } from '../model/event';
import { ContradictionDiagnostic } from './contradiction-diagnostics';
import { withoutItem, withValue } from './edit-json';

/** Offers what can be done about a contradiction, beside its diagnostic. */
export function registerQuickFixes(): Disposable {
  const selector = [{ scheme: 'file', pattern: '**/*' }];
  return languages.registerCodeActionsProvider(selector, new QuickFixes(), {
    providedCodeActionKinds: [CodeActionKind.QuickFix],
  });
}

class QuickFixes implements CodeActionProvider {
  async provideCodeActions(
    _document: TextDocument,
    _range: Range,
    { diagnostics }: CodeActionContext,
  ): Promise<CodeAction[]> {
    const own = diagnostics.filter((diagnostic) => diagnostic instanceof ContradictionDiagnostic);
    const actions = await Promise.all(own.map((diagnostic) => actionsFor(diagnostic)));
    return actions.flat();
  }
}

/** What can be done about a contradiction, the best first. @param checkout its folder. */
export function fixActions(checkout: string, contradiction: Contradiction): Promise<readonly CodeAction[]> {
  return Promise.all(fixesFor(contradiction).map((fix) => actionFor(fix, checkout)));
}

/** Does it. */
export async function applyFix({ edit, command }: CodeAction): Promise<void> {
  if (edit !== undefined) await workspace.applyEdit(edit);
  if (command !== undefined)
    await commands.executeCommand(command.command, ...((command.arguments ?? []) as readonly unknown[]));
}

async function actionsFor(diagnostic: ContradictionDiagnostic): Promise<readonly CodeAction[]> {
  const { contradiction, model } = diagnostic;
  const fixes = fixesFor(contradiction);
  const actions = await fixActions(model.directory, contradiction);
  // With several groups to choose from none is the one that is meant.
  const isClear = fixes.filter(({ kind }) => kind === fixes[0]?.kind).length === 1;
  return actions.map((action, index) => preferred(action, diagnostic, isClear && index === 0));
}

function preferred(
  action: CodeAction,
  diagnostic: ContradictionDiagnostic,
  isPreferred: boolean,
): CodeAction {
  action.diagnostics = [diagnostic];
  action.isPreferred = isPreferred;
  return action;
}

async function actionFor(fix: Fix, checkout: string): Promise<CodeAction> {
  const uriOf = (file: string) => Uri.file(path.join(checkout, file));
  switch (fix.kind) {
    case 'updateAsPatch':
      return commandAction(l10n.t('Update {0} as a patch', fix.app), 'pantavisor.updateAsPatch', {
        checkout,
        app: fix.app,
      });
    case 'installApp':
      return commandAction(l10n.t('Build what {0} lacks', fix.app), 'pantavisor.installApp', {
        checkout,
        app: fix.app,
      });
    case 'signAgain':
      return commandAction(l10n.t('Sign again in a terminal'), 'pantavisor.signAgain', checkout);
    case 'openFile': {
      const action = new CodeAction(l10n.t('Open {0}', fix.file), CodeActionKind.QuickFix);
      action.command = { command: 'vscode.open', title: action.title, arguments: [uriOf(fix.file)] };
      return action;
    }
    case 'deleteFile': {
      const action = new CodeAction(l10n.t('Delete {0}', fix.file), CodeActionKind.QuickFix);
      action.edit = new WorkspaceEdit();
      action.edit.deleteFile(uriOf(fix.file), { recursive: true, ignoreIfNotExists: true });
      return action;
    }
    case 'setField':
      return editAction(l10n.t('Set "{0}" to "{1}"', fix.field, fix.value), [
        [uriOf(fix.file), (text) => withValue(text, [fix.field], fix.value)],
      ]);
    case 'removeVolume':
      return editAction(l10n.t('Remove {0} from "volumes"', fix.volume), [
        [uriOf(`${fix.app}/run.json`), (text) => withoutItem(text, ['volumes'], fix.volume)],
      ]);
    case 'setGroup':
      return editAction(l10n.t('Move {0} to the group {1}', fix.app, fix.group), [
        [uriOf(`${fix.app}/run.json`), (text) => withValue(text, ['group'], fix.group)],
        // run.json is generated from it.
        [uriOf(`${fix.app}/src.json`), (text) => withValue(text, ['args', 'PV_GROUP'], fix.group)],
      ]);
    case 'setPool':
      return editAction(l10n.t('Move {0} to the network pool {1}', fix.app, fix.pool), [
        [uriOf(`${fix.app}/run.json`), (text) => withValue(text, ['network', 'pool'], fix.pool)],
        [uriOf(`${fix.app}/src.json`), (text) => withValue(text, ['args', 'PV_NETWORK_POOL'], fix.pool)],
      ]);
  }
}

type Change = readonly [uri: Uri, change: (text: string) => string];

async function editAction(title: string, changes: readonly Change[]): Promise<CodeAction> {
  const action = new CodeAction(title, CodeActionKind.QuickFix);
  action.edit = new WorkspaceEdit();
  for (const [uri, change] of changes) {
    const document = await openIfThere(uri);
    if (document === undefined) continue;
    const text = document.getText();
    const changed = change(text);
    const whole = new Range(document.positionAt(0), document.positionAt(text.length));
    if (changed !== text) action.edit.replace(uri, whole, changed);
  }
  return action;
}

/** An app that was made elsewhere has no src.json. */
async function openIfThere(uri: Uri): Promise<TextDocument | undefined> {
  try {
    return await workspace.openTextDocument(uri);
  } catch {
    return undefined;
  }
}

function commandAction(title: string, command: CommandId, argument: unknown): CodeAction {
  const action = new CodeAction(title, CodeActionKind.QuickFix);
  action.command = { command, title, arguments: [argument] };
  return action;
}
