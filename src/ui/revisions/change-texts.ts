import { l10n } from 'vscode';
import type { RevisionWeight } from '../../core/checkout/revision-weight';
import type { UncommittedFile } from '../../core/checkout/uncommitted';
import { formatSize } from '../../core/presentation/size';
import { maxNames } from '../listed-files';
import { restartText } from '../builds/build-texts';
import type { ChangeRow, ChangeRows } from '../model/change-rows';
import { lookOfChange } from './change-look';

/** `4 changes`. */
export function countText(count: number): string {
  return count === 1 ? l10n.t('1 change') : l10n.t('{0} changes', count);
}

/** `4 changes · 58 MB for a device`; empty where there is none. */
export function summaryText({ changes }: ChangeRows, { download }: RevisionWeight): string {
  if (changes.length === 0) return '';
  const count = countText(changes.length);
  return download === 0 ? count : l10n.t('{0} · {1} for a device', count, formatSize(download));
}

/** What a row is, what a device downloads for it, and what restarts; lines. */
export function rowTooltip({ path, standing, files, weight }: ChangeRow): string {
  const names = files.slice(0, maxNames).map(fileLine);
  return [
    `${path}: ${lookOfChange(standing).label}`,
    ...(files.length > 1 ? names : []),
    ...(files.length > maxNames ? [l10n.t('… and {0} more', files.length - maxNames)] : []),
    ...(weight === undefined || standing === 'broken'
      ? []
      : [l10n.t('A device downloads {0}. {1}', formatSize(weight.download), restartText(weight.restart))]),
  ].join('\n');
}

function fileLine({ path, standing, size }: UncommittedFile): string {
  const what = lookOfChange(standing).label;
  return size === undefined ? `${path}: ${what}` : `${path}: ${what}, ${formatSize(size)}`;
}
