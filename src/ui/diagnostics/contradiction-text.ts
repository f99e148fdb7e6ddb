import { l10n } from 'vscode';
import { describeContradiction, type Contradiction } from '../../core/checkout/contradictions';
import { capitalized } from '../capitalized';
import { commandIds } from '../manifest/command-ids';
import { commandLink, escapeMarkdown } from '../manifest/command-link';
import { fixesFor, isBuild } from './fixes';

/** What was found. What to do about it follows where no build mends it: the engine would say so for the command line. */
export function contradictionText(contradiction: Contradiction): string {
  const { found, remedy } = describeContradiction(contradiction);
  const isMendedByBuild = fixesFor(contradiction).some(isBuild);
  return capitalized(isMendedByBuild ? `${found}.` : `${found}. ${remedy}.`);
}

/** The same with a link to the build that mends it. */
export function contradictionMarkdown(checkout: string, contradiction: Contradiction): string {
  const text = escapeMarkdown(contradictionText(contradiction));
  const build = fixesFor(contradiction).find(isBuild);
  if (build === undefined) return text;
  const id = { checkout, app: build.app };
  const link =
    build.kind === 'updateAsPatch'
      ? commandLink(l10n.t('Update {0} as patch', build.app), commandIds.updateAsPatch, id)
      : commandLink(l10n.t('Build what {0} lacks', build.app), commandIds.installApp, id);
  return `${text} ${link}`;
}
