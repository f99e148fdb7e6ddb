import { l10n } from 'vscode';
import { outcomeOf, type Revision, type RevisionProgress } from '../../core/remote/remote';
import { formatSize } from '../../core/presentation/size';
import { timeAgo } from '../time-ago';
import { comingTo, type DeviceModel, failedOn } from './model/devices-model';

/** What a device makes of a revision, in words; states that nobody here knows are shown as they are. */
export function statusText({ status, percent, download }: RevisionProgress): string {
  switch (status) {
    case '':
      return l10n.t('nothing told yet');
    case 'NEW':
      return l10n.t('waits for the device');
    case 'QUEUED':
      return l10n.t('queued');
    case 'DOWNLOADING': {
      if (download === undefined) return l10n.t('downloading');
      const share = Math.floor((download.done / download.total) * 100);
      return l10n.t('downloading, {0} % of {1}', share, formatSize(download.total));
    }
    case 'INPROGRESS':
      return l10n.t('installing');
    case 'TESTING':
      return l10n.t('testing');
    case 'DONE':
      return l10n.t('done');
    case 'UPDATED':
      return l10n.t('done, without a restart');
    case 'ERROR':
      return l10n.t('failed');
    case 'WONTGO':
      return l10n.t('refused');
    case 'CANCEL':
    case 'CANCELLED':
      return l10n.t('cancelled');
    default:
      return percent > 0 && percent < 100 ? `${status} ${percent} %` : status;
  }
}

/** The same without what changes every second: screen readers read it out at each change. */
export function calmStatusText(progress: RevisionProgress): string {
  return statusText({ ...progress, percent: 0, download: undefined });
}

export function deviceName(device: DeviceModel): string {
  return device.knownAs ?? device.glance?.nick ?? device.details?.nick ?? shortAddress(device.address);
}

/** Without the scheme, for people. */
export function shortAddress(address: string): string {
  return address.replace(/^[a-z+]+:\/\//i, '');
}

/** What it runs, what is on its way, and whether it is there: what a row says, from the most to the least of interest. */
export function deviceFacts(device: DeviceModel, isCalm = false): readonly string[] {
  const { glance } = device;
  if (glance === undefined) return [];
  const coming = comingTo(device);
  const failed = failedOn(device);
  const say = isCalm ? calmStatusText : statusText;
  const runs = glance.running === undefined ? l10n.t('runs nothing known') : runningText(device);
  return [
    ...(coming === undefined ? [] : [`${coming.revision}: ${say(coming.progress)}`]),
    ...(failed === undefined ? [] : [`${failed}: ${say(glance.progress)}`]),
    glance.head === undefined ? l10n.t('never started') : runs,
    ...presenceText(device),
    ...device.checkouts.map(({ directory }) => baseName(directory)),
  ];
}

function runningText(device: DeviceModel): string {
  const running = device.glance?.running ?? '';
  const since = runsSince(device);
  return since === undefined
    ? l10n.t('runs {0}', running)
    : l10n.t('runs {0}, {1}', running, timeAgo(Date.parse(since)));
}

/** When it told that the revision that runs is good; RFC 3339. */
export function runsSince({ glance, details }: DeviceModel): string | undefined {
  if (glance?.running === undefined) return undefined;
  if (glance.head === glance.running) return glance.progress.reported;
  return details?.revisions.find(({ name }) => name === glance.running)?.progress.reported;
}

function presenceText({ glance }: DeviceModel): readonly string[] {
  if (glance?.isOnline === true) return [l10n.t('online')];
  if (glance?.lastSeen !== undefined) return [l10n.t('last seen {0}', timeAgo(Date.parse(glance.lastSeen)))];
  return glance?.isOnline === false ? [l10n.t('offline')] : [];
}

export function revisionTitle({ name, message }: Revision): string {
  const [first = ''] = message.split('\n', 1);
  return first === '' ? l10n.t('Revision {0}', name) : `${name} ${first}`;
}

/** @param weight bytes that it brings; null or undefined where nobody knows. */
export function revisionFacts(
  { posted, progress }: Revision,
  weight: number | null | undefined,
  isRunning: boolean,
): readonly string[] {
  return [
    ...(isRunning ? [l10n.t('runs')] : []),
    ...(isRunning && outcomeOf(progress) === 'good' ? [] : [statusText(progress)]),
    ...(weight === null || weight === undefined ? [] : [`+${formatSize(weight)}`]),
    ...(posted === undefined ? [] : [timeAgo(Date.parse(posted))]),
  ];
}

function baseName(directory: string): string {
  return directory.split(/[\\/]/).at(-1) ?? directory;
}
