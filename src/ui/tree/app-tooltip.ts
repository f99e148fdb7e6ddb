import { l10n, type MarkdownString } from 'vscode';
import type { App, Setting } from '../../core/checkout/app';
import { bareDigest } from '../../core/checkout/manifests/same-digest';
import { shortDigest } from '../../core/presentation/digest';
import { formatShare, formatSize } from '../../core/presentation/size';
import { contradictionMarkdown } from '../diagnostics/contradiction-text';
import { commandLink, escapeMarkdown, trustedMarkdown } from '../manifest/commands';
import { inEditorWords } from '../messages/remedy-text';
import type { AppReview } from '../model/app-review';
import type { AppId } from '../model/checkouts';
import { type CheckFailure, type ImageState, installedDigest, referenceOf } from '../model/image-state';
import { timeAgo } from '../time-ago';
import { lookOf } from './condition-look';

/** Everything about an app that its row has no room for, and what to do about its state. */
export function appTooltip(id: AppId, review: AppReview): MarkdownString {
  const { app, condition } = review;
  const { icon, label } = lookOf(condition);
  const paragraphs = [
    `**${escapeMarkdown(app.name)}** $(${icon.id}) ${label}`,
    ...imageParagraphs(id, review.image),
    ...(review.isNewBaseRecommended ? [newBaseParagraph(id, review)] : []),
    facts(review),
    ...review.staleSignatures.map((file) => staleSignature(id, file)),
    ...problems(id, app),
  ];
  return trustedMarkdown(paragraphs.join('\n\n'));
}

function staleSignature({ checkout }: AppId, file: string): string {
  const text = l10n.t('{0} no longer fits; a device with secure boot refuses the revision for it.', file);
  const link = commandLink(l10n.t('Sign again'), 'pantavisor.signAgain', checkout);
  return `$(warning) ${escapeMarkdown(text)} ${link}`;
}

/** More than these would push all else out of the box; their rows have all of them. */
const shownProblems = 3;

function problems({ checkout }: AppId, { contradictions }: App): readonly string[] {
  const left = contradictions.length - shownProblems;
  return [
    ...contradictions
      .slice(0, shownProblems)
      .map((contradiction) => `$(warning) ${contradictionMarkdown(checkout, contradiction)}`),
    ...(left > 0 ? [l10n.t('… and {0} more, in the rows below', left)] : []),
  ];
}

function imageParagraphs(id: AppId, image: ImageState): readonly string[] {
  switch (image.kind) {
    case 'unknown':
      return [commandLink(l10n.t('Check for a newer image'), 'pantavisor.checkImage', id)];
    case 'current':
      return [
        l10n.t('The image was the newest one {0}.', timeAgo(image.checkedAt)),
        ...failureParagraph(id, image.failure),
      ];
    case 'moved':
      return [
        `${l10n.t('Its tag names another image now (seen {0}).', timeAgo(image.checkedAt))} ${commandLink(l10n.t('Update as patch'), 'pantavisor.updateAsPatch', id)} · ${commandLink(l10n.t('Preview'), 'pantavisor.previewPatch', id)}`,
        ...failureParagraph(id, image.failure),
      ];
    case 'failed':
      return failureParagraph(id, image);
  }
}

function failureParagraph(id: AppId, failure: CheckFailure | undefined): readonly string[] {
  if (failure === undefined) return [];
  const { checkedAt, found, remedy } = failure;
  const text = l10n.t(
    'The image could not be checked {0}: {1}. {2}.',
    timeAgo(checkedAt),
    found,
    inEditorWords(remedy),
  );
  return [
    `$(debug-disconnect) ${escapeMarkdown(text)} ${commandLink(l10n.t('Try again'), 'pantavisor.checkImage', id)}`,
  ];
}

function newBaseParagraph(id: AppId, { app, baseSize }: AppReview): string {
  const share = formatShare(app.overlay?.size ?? 0, baseSize ?? 0);
  const text = l10n.t('The overlay weighs {0} of the base: a new base would be smaller altogether.', share);
  return `${escapeMarkdown(text)} ${commandLink(l10n.t('Build new base'), 'pantavisor.buildNewBase', id)}`;
}

function facts({ app, baseSize, image }: AppReview): string {
  const { base, overlay, baseApp, container } = app;
  const rows: readonly (readonly [string, string | undefined])[] = [
    [l10n.t('Image'), referenceOf(app)],
    [l10n.t('Root file system'), app.source.kind === 'rootfs' ? app.source.url : undefined],
    [l10n.t('Made from'), app.source.kind === 'pvr' ? app.source.url : undefined],
    [l10n.t('Digest'), digestOf(installedDigest(app))],
    [l10n.t('Newest digest'), image.kind === 'moved' ? digestOf(image.current) : undefined],
    [l10n.t('Platform'), app.source.kind === 'docker' ? app.source.image.platform : undefined],
    [l10n.t('Base'), base && formatSize(base.size)],
    [
      l10n.t('Overlay'),
      overlay && `${formatSize(overlay.size)} · ${formatShare(overlay.size, baseSize ?? 0)}`,
    ],
    [l10n.t('Extends'), baseApp],
    [l10n.t('Extended by'), app.dependants.join(', ')],
    [l10n.t('Group'), container?.group.name],
    [l10n.t('Status goal'), describeSetting(container?.statusGoal)],
    [l10n.t('Restart policy'), describeSetting(container?.restartPolicy)],
    [l10n.t('Signed by'), app.signedBy.join(', ')],
  ];
  const known = rows.flatMap(([name, value]) => (value ? [`${name}: ${escapeMarkdown(value)}`] : []));
  // Lines: a table's columns wrap where there is room beside them.
  return known.join('  \n');
}

/** A whole one makes the box scroll. */
function digestOf(digest: string | undefined): string | undefined {
  return digest && shortDigest(bareDigest(digest));
}

function describeSetting(setting: Setting | undefined): string | undefined {
  if (setting === undefined) return undefined;
  return setting.from === 'group' ? l10n.t('{0} (from the group)', setting.value) : setting.value;
}
