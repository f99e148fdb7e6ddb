import path from 'node:path';
import { l10n, type SourceControlResourceState, Uri } from 'vscode';
import type { CommandId } from '../manifest/commands';
import type { ChangeRow } from '../model/change-rows';
import type { CheckoutModel } from '../model/checkout-model';
import { lookOfChange } from './change-look';
import { rowTooltip } from './change-texts';

/** A row of Source Control. VS Code gives it to commands as it is. */
export interface ChangeState extends SourceControlResourceState {
  readonly model: CheckoutModel;
  readonly row: ChangeRow;
}

export function changeState(model: CheckoutModel, row: ChangeRow): ChangeState {
  const { standing, kind } = row;
  const { icon } = lookOfChange(standing);
  const state: Omit<ChangeState, 'command'> = {
    model,
    row,
    resourceUri: Uri.file(path.join(model.directory, row.path)),
    contextValue: `;${kind};${standing};`,
    decorations: {
      iconPath: icon,
      tooltip: rowTooltip(row),
      strikeThrough: standing === 'removed',
      faded: standing === 'not-compared',
    },
  };
  const id: CommandId = 'pantavisor.openChange';
  return { ...state, command: { command: id, title: l10n.t('Open Changes'), arguments: [state] } };
}

export function isChangeState(value: unknown): value is ChangeState {
  return typeof value === 'object' && value !== null && 'row' in value && 'model' in value;
}
