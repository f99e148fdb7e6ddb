import { l10n } from 'vscode';
import type { BloatFinding, BloatKind } from '../../core/rootfs/bloat';
import { formatSize } from '../../core/presentation/size';
import type { Bloat } from '../../../webview/protocol';

/** Findings as the page shows them. */
export function bloatTexts(findings: readonly BloatFinding[]): {
  readonly title: string;
  readonly findings: readonly Bloat[];
} {
  return {
    title: l10n.t('What may bloat it: {0} findings', findings.length),
    findings: findings.map(({ kind, count, bytes, paths, avoidedBy }) => ({
      title: `${nameOf(kind)}: ${count === 1 ? l10n.t('1 file') : l10n.t('{0} files', count)}, ${formatSize(bytes)}`,
      paths,
      ...avoidedBy,
    })),
  };
}

function nameOf(kind: BloatKind): string {
  switch (kind) {
    case 'aptLists':
      return l10n.t('Package lists of apt');
    case 'aptCache':
      return l10n.t('Package cache of apt');
    case 'dpkgBackups':
      return l10n.t('Backups of dpkg, of its own lists');
    case 'debconfBackups':
      return l10n.t('Backups of debconf');
    case 'ldconfigCache':
      return l10n.t('Cache of ldconfig, for its own next run');
    case 'apkCache':
      return l10n.t('Package cache of apk');
    case 'rpmCache':
      return l10n.t('Package cache of dnf, yum or zypper');
    case 'opkgCache':
      return l10n.t('Package lists and cache of opkg');
    case 'pipCache':
      return l10n.t('Package cache of pip');
    case 'npmCache':
      return l10n.t('Package cache of npm');
    case 'pythonCache':
      return l10n.t('Compiled Python, made anew with every build');
    case 'fontCache':
      return l10n.t('Font cache, which programs make anew where they may write');
    case 'manCache':
      return l10n.t('Index of manual pages');
    case 'versionControl':
      return l10n.t('History of version control');
    case 'logs':
      return l10n.t('Logs of the build');
    case 'temporary':
      return l10n.t('Temporary files');
    case 'tests':
      return l10n.t('Tests of libraries');
    case 'copy':
      return l10n.t('In the base under another name: moved or copied');
    case 'fewBytes':
      return l10n.t('Large, and changed in few bytes, perhaps a time');
  }
}
