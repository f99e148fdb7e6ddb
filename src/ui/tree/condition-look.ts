import { l10n, ThemeColor, ThemeIcon } from 'vscode';
import type { AppCondition } from '../model/app-condition';

/** What a condition looks like and is called; shapes differ, so that nobody depends on the colours. */
export interface ConditionLook {
  readonly icon: ThemeIcon;
  /** For screen readers and tooltips: `image moved`. */
  readonly label: string;
}

export function lookOf(condition: AppCondition): ConditionLook {
  switch (condition) {
    case 'broken':
      return look('error', 'list.errorForeground', l10n.t('contradicts itself'));
    case 'otherBase':
      return look('warning', 'list.warningForeground', l10n.t('overlay built on another base'));
    case 'contradictory':
      return look('question', 'list.warningForeground', l10n.t('contradicts itself'));
    case 'unsigned':
      return look('unverified', 'list.warningForeground', l10n.t('a signature no longer fits'));
    case 'moved':
      return look('cloud-download', 'charts.blue', l10n.t('image moved'));
    case 'newBaseRecommended':
      return look('fold-up', 'charts.purple', l10n.t('new base recommended'));
    case 'current':
      return look('pass', 'charts.green', l10n.t('up to date'));
    case 'unchecked':
      return look('package', undefined, l10n.t('image not checked yet'));
    case 'checkFailed':
      return look('debug-disconnect', undefined, l10n.t('image could not be checked'));
    case 'madeElsewhere':
      return look('package', undefined, l10n.t('not made from a docker image'));
  }
}

/** Of an app that is being built, whatever it was before. */
export function buildingLook(): ConditionLook {
  return look('loading~spin', undefined, l10n.t('being built'));
}

function look(icon: string, color: string | undefined, label: string): ConditionLook {
  return { icon: new ThemeIcon(icon, color === undefined ? undefined : new ThemeColor(color)), label };
}
