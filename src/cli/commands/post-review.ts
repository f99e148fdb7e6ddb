import { formatSize } from '../../core/presentation/size';
import type { PostReview } from '../../core/use-cases/steps/post-review';
import { counted } from '../counted';
import { shownFile } from '../revision-session';
import { restartWords } from '../restart-words';
import { formatTable } from '../table';
import { describeRestart } from './build-result';

/** What a post would ask of the device, for the table of facts. */
export function weightsOf({ download, disk }: PostReview): readonly (readonly string[])[] {
  const { kept, own, unknown, free } = disk;
  const onDisk = [
    `${formatSize(kept)} with what runs and what was DONE last, ${formatSize(own)} of it this revision’s`,
    ...(unknown === 0 ? [] : [`without ${counted(unknown, 'object')} of unknown size`]),
    ...(free === undefined ? [] : [`${formatSize(free)} are free, as it said last`]),
  ];
  return [
    ['to download', formatSize(download)],
    ['on its disk', onDisk.join('; ')],
  ];
}

/** What it would change on the device, by app. */
export function describeReview({ against, parts, restart }: PostReview): string {
  if (parts.length === 0) return 'It changes nothing there.';
  const rows = parts.map(({ name, kind, files, download, restart: own }) => [
    ` ${marks[kind]} ${shownFile(name)}`,
    counted(files.length, 'file'),
    formatSize(download),
    restartWords[own.effect],
  ]);
  const title =
    against === undefined ? 'It brings there:' : `It changes there, against revision ${shownFile(against)}:`;
  return [title, formatTable(rows, new Set([2])), describeRestart('The device', restart)].join('\n');
}

const marks = { added: 'A', removed: 'D', changed: 'C' } as const;
