import { l10n } from 'vscode';
import type { Objection, PostingStrings, Review, Weight } from '../../../webview/posting/protocol';
import type { DevicePlan } from '../../backend/requests/posting';
import { formatSize } from '../../core/presentation/size';
import { waysOf } from '../../core/remedy';
import type { PostReview, ReviewedPart } from '../../core/use-cases/steps/post-review';
import { capitalized } from '../capitalized';
import { inEditorWords } from '../messages/remedy-text';
import { failureStrings } from '../webview/page-strings';

/** All of a review but what its buttons do. */
export type ReviewText = Omit<Review, 'actions' | 'warning' | 'objections'>;

export interface Posted {
  /** Of the checkout. */
  readonly name: string;
  /** Of the last commit; undefined: it has none. */
  readonly message: string | undefined;
}

/** What a person reads of a plan. */
export function reviewText(plan: DevicePlan, { name, message }: Posted): ReviewText {
  const { remote, review } = plan;
  return {
    title: l10n.t('Post {0} to {1}', name, remote),
    facts: [commitText(message, plan), standText(plan)],
    weights: review === undefined ? [] : weightsOf(plan, review),
    changes:
      review === undefined
        ? { title: l10n.t('What It Changes'), restart: '', parts: [] }
        : {
            title: changesTitle(review),
            restart: restartOfDevice(review.restart),
            parts: review.parts.map((part) => ({
              ...{ name: part.name, kind: part.kind, change: changeWord(part.kind) },
              files: String(part.files.length),
              download: part.download === 0 ? '–' : formatSize(part.download),
              effect: effectText(part),
            })),
          },
  };
}

function commitText(message: string | undefined, { revision }: DevicePlan): string {
  const [line = ''] = (message ?? '').trim().split('\n');
  if (isNamedAnew(revision))
    return line === ''
      ? l10n.t('The last commit becomes a revision of the device’s own.')
      : l10n.t('The last commit, “{0}”, becomes a revision of the device’s own.', line);
  return line === ''
    ? l10n.t('The last commit becomes revision {0}.', revision)
    : l10n.t('The last commit, “{0}”, becomes revision {1}.', line, revision);
}

/** A device that is reached itself gets a name that is made when it is sent; a hub counts. */
export function isNamedAnew(revision: string): boolean {
  return revision.startsWith('locals/');
}

function standText({ head, running, base }: DevicePlan): string {
  const parts = [
    running === undefined
      ? l10n.t('The device has not said yet what it runs.')
      : l10n.t('The device runs revision {0}.', running),
    ...(head === undefined || head.name === running
      ? []
      : [l10n.t('Its newest revision is {0}, which is {1}.', head.name, head.progress.status)]),
    ...(base === undefined || base === head?.name
      ? []
      : [l10n.t('This checkout came from revision {0}.', base)]),
  ];
  return parts.join(' ');
}

function changesTitle({ against }: PostReview): string {
  return against === undefined
    ? l10n.t('What It Brings')
    : l10n.t('What It Changes, against Revision {0}', against);
}

function weightsOf({ missing, quota, stateSize }: DevicePlan, review: PostReview): readonly Weight[] {
  const { download, disk } = review;
  // Only a hub has accounts; a device that is reached itself is sent all of it, and has its disk.
  const account = quota?.of === 'account' ? quota : undefined;
  const isAtHub = quota?.of !== 'device';
  const toSend =
    missing.count === 0
      ? isAtHub
        ? l10n.t('Nothing has to be sent to the hub.')
        : l10n.t('No object has to be sent to it.')
      : missing.count === 1
        ? isAtHub
          ? l10n.t('1 object is sent to the hub: {0}.', formatSize(missing.bytes))
          : l10n.t('1 object is sent to it: {0}.', formatSize(missing.bytes))
        : isAtHub
          ? l10n.t('{0} objects are sent to the hub: {1}.', missing.count, formatSize(missing.bytes))
          : l10n.t('{0} objects are sent to it: {1}.', missing.count, formatSize(missing.bytes));
  return [
    {
      label: l10n.t('The Device Downloads'),
      size: formatSize(download),
      details: [toSend, l10n.t('The state itself: {0}.', formatSize(stateSize))],
      bar: undefined,
    },
    {
      label: l10n.t('On Its Disk Then'),
      size: formatSize(disk.kept),
      details: [
        disk.own === disk.kept
          ? l10n.t('All of it is this revision’s, also what runs now and what it goes back to.')
          : l10n.t(
              '{0} of it is this revision’s; the rest is of what runs now and of what it goes back to.',
              formatSize(disk.own),
            ),
        ...(disk.unknown === 0 ? [] : [l10n.t('{0} objects of unknown size are not in it.', disk.unknown)]),
        ...(disk.free === undefined
          ? []
          : [l10n.t('It said last that {0} are free.', formatSize(disk.free))]),
      ],
      bar: [
        { share: shareOf(disk.own, disk.kept), kind: 'own' },
        { share: shareOf(disk.kept - disk.own, disk.kept), kind: 'other' },
      ],
    },
    ...(account === undefined
      ? []
      : [
          {
            label: l10n.t('In the Account Then'),
            size: formatSize(account.used + missing.bytes),
            details: [
              l10n.t('Of {0} that it may have.', formatSize(account.max)),
              missing.count === 0
                ? l10n.t('Nothing comes with this revision.')
                : l10n.t('{0} come with this revision.', formatSize(missing.bytes)),
            ],
            bar: [
              { share: shareOf(account.used, account.max), kind: 'other' },
              { share: shareOf(missing.bytes, account.max), kind: 'own' },
            ],
          } as const,
        ]),
  ];
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(100, (part / whole) * 100);
}

function changeWord(kind: ReviewedPart['kind']): string {
  switch (kind) {
    case 'added':
      return l10n.t('new');
    case 'removed':
      return l10n.t('removed');
    case 'changed':
      return l10n.t('changed');
  }
}

function effectText({ kind, restart: { effect } }: ReviewedPart): string {
  switch (effect) {
    case 'nothing':
      return l10n.t('nothing restarts');
    case 'container':
      return kind === 'added'
        ? l10n.t('the app starts')
        : kind === 'removed'
          ? l10n.t('the app stops')
          : l10n.t('the app restarts');
    case 'reboot':
      return l10n.t('the device reboots');
    case 'refused':
      return l10n.t('the device refuses it');
  }
}

function restartOfDevice({ effect, reason, remedy = '' }: PostReview['restart']): string {
  switch (effect) {
    case 'nothing':
      return l10n.t('The device restarts nothing.');
    case 'container':
      return l10n.t('The device does not reboot: {0}.', reason);
    case 'reboot':
      return l10n.t('The device reboots: {0}.', reason);
    case 'refused':
      return l10n.t('The device refuses it: {0}. {1}.', reason, remedy);
  }
}

/** Whether what others posted would be lost, which a merge mends. */
export function isBehind({ objections }: DevicePlan): boolean {
  return objections.some(({ weight, remedy }) => weight === 'refusal' && isMending(remedy));
}

function isMending(remedy: DevicePlan['objections'][number]['remedy']): boolean {
  return waysOf(remedy).some((way) => way.kind === 'device' && way.verb === 'get');
}

/** An objection without its buttons. What the page has a button for isn't said again in words. */
export function objectionText({
  weight,
  found,
  remedy,
}: DevicePlan['objections'][number]): Omit<Objection, 'actions'> {
  const advice = isMending(remedy)
    ? [l10n.t('Merge what is there into this checkout first.')]
    : remedy === ''
      ? []
      : [`${inEditorWords(remedy)}.`];
  return {
    level: weight === 'note' ? 'note' : 'refusal',
    label: weight === 'note' ? l10n.t('Note:') : l10n.t('Stops it:'),
    text: [`${capitalized(found)}.`, ...advice].join(' '),
  };
}

export function postingStrings(): PostingStrings {
  return {
    columns: {
      part: l10n.t('Part'),
      change: l10n.t('Change'),
      files: l10n.t('Files'),
      download: l10n.t('Download'),
      effect: l10n.t('On the Device'),
    },
    weights: l10n.t('What It Weighs'),
    nothing: l10n.t('It changes nothing on the device.'),
    compare: l10n.t('Show what changed in {0}', '{0}'),
    ...failureStrings(),
  };
}
