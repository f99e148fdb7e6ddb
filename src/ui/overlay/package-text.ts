import { l10n } from 'vscode';
import type { PackageGroup, PackageGroups } from '../../../webview/protocol';
import { byteStringToText, shownPath } from '../../core/bytes/byte-string';
import type { UnreadMetadata } from '../../core/packages/package';
import type { ChangedPackage, OverlayPackages } from '../../core/use-cases/overlay-packages';

/** An overlay's packages as the page shows them. */
export function packageGroups({ packages, unread }: OverlayPackages): PackageGroups {
  return { groups: packages.map(groupOf), notes: unread.map(noteOf) };
}

function groupOf(changed: ChangedPackage): PackageGroup {
  const { manager, name, paths } = changed;
  // What is below an item of the page has its path before a slash.
  const id = `${manager}:${name.replaceAll('/', ':')}`;
  return { id, name, details: `${manager} ${versionsOf(changed)}`.trimEnd(), paths };
}

function versionsOf({ version, baseVersion }: ChangedPackage): string {
  const [now = '', before = ''] = [version, baseVersion].map((one) => one && byteStringToText(one));
  if (version === undefined) return l10n.t('{0} (removed)', before).trimStart();
  if (baseVersion === undefined) return l10n.t('{0} (new)', now).trimStart();
  return version === baseVersion ? now : `${before} → ${now}`;
}

function noteOf({ manager, path, reason }: UnreadMetadata): string {
  if (path === '')
    return l10n.t('The packages of {0} are not told: its lists are more than any system has.', manager);
  const where = shownPath(path);
  switch (reason) {
    case 'unknownFormat':
      return l10n.t(
        'The packages of {0} are not told: {1} has a format that is not read here.',
        manager,
        where,
      );
    case 'damaged':
      return l10n.t('The packages of {0} are not told, or not all: {1} can not be read.', manager, where);
    case 'tooLarge':
      return l10n.t(
        'The packages of {0} are not told, or not all: {1} is more than any system has.',
        manager,
        where,
      );
  }
}
