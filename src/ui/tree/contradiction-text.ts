import { l10n } from 'vscode';
import { describeContradiction, type Contradiction } from '../../core/checkout/contradictions';
import { fixesFor, type Fix } from '../diagnostics/fixes';
import { commandIds } from '../manifest/command-ids';
import { commandLink, escapeMarkdown } from '../manifest/command-link';
import type { AppId } from '../model/checkouts';

/** What was found, and a link that mends it; where no command does, what to do by hand. */
export function contradictionMarkdown({ checkout }: AppId, contradiction: Contradiction): string {
  const { found, remedy } = describeContradiction(contradiction);
  const link = fixesFor(contradiction)
    .map((fix) => fixLink(checkout, fix))
    .find((one) => one !== undefined);
  return `${escapeMarkdown(`${found}.`)} ${link ?? escapeMarkdown(`${remedy}.`)}`;
}

function fixLink(checkout: string, fix: Fix): string | undefined {
  if (fix.kind === 'updateAsPatch') {
    const id = { checkout, app: fix.app };
    return commandLink(l10n.t('Update {0} as patch', fix.app), commandIds.updateAsPatch, id);
  }
  if (fix.kind === 'installApp') {
    const id = { checkout, app: fix.app };
    return commandLink(l10n.t('Build what {0} lacks', fix.app), commandIds.installApp, id);
  }
  return undefined;
}
