import { l10n } from 'vscode';
import {
  type Contradiction,
  describeContradiction,
  fixesFor,
  isBuild,
} from '../../core/checkout/contradictions/contradictions';
import { capitalized } from '../capitalized';
import { commandLink, escapeMarkdown } from '../manifest/commands';
import { inEditorWords } from '../messages/remedy-text';

/** What was found, as a sentence without its final stop. */
export function contradictionTitle(contradiction: Contradiction): string {
  const { found } = describeContradiction(contradiction);
  return capitalized(found, 'app' in contradiction ? contradiction.app : undefined);
}

/** What was found. What to do about it follows where no build mends it, which is offered beside. */
export function contradictionText(contradiction: Contradiction): string {
  const title = contradictionTitle(contradiction);
  const isMendedByBuild = fixesFor(contradiction).some(isBuild);
  const { remedy } = describeContradiction(contradiction);
  return isMendedByBuild ? `${title}.` : `${title}. ${inEditorWords(remedy)}.`;
}

/** The same with a link to the build that mends it. */
export function contradictionMarkdown(checkout: string, contradiction: Contradiction): string {
  const text = escapeMarkdown(contradictionText(contradiction));
  const build = fixesFor(contradiction).find(isBuild);
  if (build === undefined) return text;
  const id = { checkout, app: build.app };
  const link =
    build.kind === 'updateAsPatch'
      ? commandLink(l10n.t('Update {0} as patch', build.app), 'pantavisor.updateAsPatch', id)
      : commandLink(l10n.t('Build what {0} lacks', build.app), 'pantavisor.installApp', id);
  return `${text} ${link}`;
}
