import { l10n, ThemeColor, ThemeIcon } from 'vscode';
import type { UncommittedFile } from '../../core/checkout/uncommitted';

export type Standing = UncommittedFile['standing'];

/** How a change looks and is called; shapes differ, so that nobody depends on the colours. */
export interface ChangeLook {
  readonly icon: ThemeIcon;
  readonly color: ThemeColor;
  /** At most two characters, for the Explorer: pvr's letters, after a p that tells them from git's. */
  readonly badge: string;
  /** `changed since the last commit` */
  readonly label: string;
}

export function lookOfChange(standing: Standing): ChangeLook {
  switch (standing) {
    case 'added':
      return look(
        'diff-added',
        'gitDecoration.addedResourceForeground',
        'pA',
        l10n.t('new since the last commit'),
      );
    case 'changed':
      return look(
        'diff-modified',
        'gitDecoration.modifiedResourceForeground',
        'pC',
        l10n.t('changed since the last commit'),
      );
    case 'removed':
      return look(
        'diff-removed',
        'gitDecoration.deletedResourceForeground',
        'pD',
        l10n.t('gone since the last commit'),
      );
    case 'untracked':
      return look(
        'question',
        'gitDecoration.untrackedResourceForeground',
        'p?',
        l10n.t('left out of commits'),
      );
    case 'not-compared':
      return look('circle-large-outline', 'disabledForeground', 'p', l10n.t('not compared yet'));
    case 'broken':
      return look('error', 'list.errorForeground', 'p!', l10n.t('cannot be committed'));
  }
}

function look(icon: string, colorId: string, badge: string, label: string): ChangeLook {
  const color = new ThemeColor(colorId);
  return { icon: new ThemeIcon(icon, color), color, badge, label };
}
