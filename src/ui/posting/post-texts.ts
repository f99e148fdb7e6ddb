import { l10n } from 'vscode';
import type { Revision } from '../../core/remote/remote';
import { formatSize } from '../../core/presentation/size';
import { hubToLogInTo } from '../devices/accounts';
import { withRemedy } from '../messages/remedy-text';
import { Problem } from '../../core/problem';
import type { Post } from './posts';

/** `kitchen` of `alice/kitchen`: one's own devices are known by that. */
export function nickOf({ name }: Pick<Post, 'name'>): string {
  return name.split('/').at(-1) ?? name;
}

/** Percent of the way to its end, of which the device names the stations. */
export function percentOf({ last }: Pick<Post, 'last'>): number {
  if (last === undefined) return 0;
  const { percent, download } = last.progress;
  if (download === undefined || download.total === 0) return percent;
  // From DOWNLOADING (25) to INPROGRESS (50), it is bytes that count.
  return Math.round(percent + (25 * Math.min(download.done, download.total)) / download.total);
}

/** What the device does with it now; without a final stop. */
export function stepText({ last, loss }: Pick<Post, 'last' | 'loss'>): string {
  if (loss !== undefined) {
    const hub = hubToLogInTo(new Problem(loss));
    return hub === undefined ? loss.found : l10n.t('nobody is logged in to {0}', new URL(hub).host);
  }
  if (last === undefined) return l10n.t('it is on its way');
  const { status, message, download } = last.progress;
  switch (status) {
    case 'NEW':
      return l10n.t('waits for the device');
    case 'QUEUED':
      return l10n.t('the device has seen it');
    case 'DOWNLOADING':
      return download === undefined
        ? l10n.t('downloading')
        : l10n.t('downloading, {0} of {1}', formatSize(download.done), formatSize(download.total));
    case 'INPROGRESS':
      return inProgressText(message);
    case 'TESTING':
      return l10n.t('testing whether it runs well');
    default:
      return message === '' ? status : `${status}: ${message}`;
  }
}

/** Pantavisor's own words for what it does (pantavisor update/update_progress.c). */
function inProgressText(message: string): string {
  if (/without reboot/i.test(message)) return l10n.t('restarting apps');
  if (/reboot/i.test(message)) return l10n.t('rebooting');
  if (/applied|ready/i.test(message)) return l10n.t('installed, about to run');
  return message === '' ? l10n.t('installing') : l10n.t('installing: {0}', message);
}

/** Of a notification that follows it. */
export function postTitle({ name, revision }: Post): string {
  return l10n.t('Revision {0} of {1}', revision, name);
}

/** How it ended, as a sentence. */
export function endText(
  { name }: Pick<Post, 'name'>,
  { name: revision, progress: { status, message } }: Revision,
): string {
  const why = message === '' ? '' : ` (${message})`;
  switch (status) {
    case 'DONE':
      return l10n.t('{0} runs revision {1}, and goes back to it from now on.', name, revision);
    case 'UPDATED':
      return l10n.t(
        '{0} runs revision {1}; after a power cut it goes back to the last one that was DONE.',
        name,
        revision,
      );
    case 'ERROR':
      return l10n.t(
        'Revision {0} failed on {1}{2}. The device runs the one before again.',
        revision,
        name,
        why,
      );
    case 'WONTGO':
      return l10n.t('{0} refused revision {1}{2}. It never ran.', name, revision, why);
    case 'CANCEL':
    case 'CANCELLED':
      return l10n.t('Revision {0} of {1} was cancelled before the device began with it.', revision, name);
    default:
      return l10n.t('Revision {0} of {1} ended as {2}.', revision, name, `${status}${why}`);
  }
}

/** A line of a tooltip. */
export function postLine(post: Post): string {
  const loss = post.loss === undefined ? '' : ` ${withRemedy(post.loss)}`;
  return `${postTitle(post)}: ${stepText(post)}.${loss}`;
}
