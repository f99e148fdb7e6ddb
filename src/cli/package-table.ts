import { byteStringToText, shown, shownPath } from '../core/bytes/byte-string';
import type { UnreadMetadata } from '../core/packages/package';
import { formatSize } from '../core/presentation/size';
import type { ChangedPackage, ChangedPaths, OverlayPackages } from '../core/use-cases/overlay-packages';
import { formatTable } from './table';

/** One line for each package, the heaviest first: what it is, its versions, how many of its paths change, and what they weigh. */
export function packageTable({ packages, rest }: OverlayPackages): string {
  if (packages.length === 0 && rest.paths.length === 0) return 'nothing: the image is the same as the base';
  const figures = ({ paths, bytes }: ChangedPaths) => [String(paths.length), formatSize(bytes)];
  const rows = packages.map((one) => [shown(one.name), versions(one), ...figures(one)]);
  const others = rest.paths.length === 0 ? [] : [['(no package)', '', ...figures(rest)]];
  return formatTable([['PACKAGE', 'VERSION', 'FILES', 'SIZE'], ...rows, ...others], new Set([2, 3]));
}

function versions({ version, baseVersion }: ChangedPackage): string {
  const [now = '', before = ''] = [version, baseVersion].map((one) => one && shown(one));
  if (version === undefined) return `${before} (removed)`.trimStart();
  if (baseVersion === undefined) return `${now} (new)`.trimStart();
  return version === baseVersion ? now : `${before} → ${now}`;
}

/** The same for a JSON document, with all paths. */
export function readablePackages({ packages, rest, unread }: OverlayPackages): object {
  return {
    packages: packages.map(({ manager, name, version, baseVersion, ...changed }) => ({
      manager,
      name: byteStringToText(name),
      ...(version !== undefined && { version: byteStringToText(version) }),
      ...(baseVersion !== undefined && { baseVersion: byteStringToText(baseVersion) }),
      ...readablePaths(changed),
    })),
    noPackage: readablePaths(rest),
    unread: unread.map(({ path, ...one }) => ({ ...one, path: byteStringToText(path) })),
  };
}

function readablePaths({ paths, bytes }: ChangedPaths): object {
  return { files: paths.length, bytes, paths: paths.map(byteStringToText) };
}

/** What the groups can't be complete for, a sentence each. */
export function packageNotes({ areKnown, unread }: OverlayPackages): readonly string[] {
  if (!areKnown) return ['The image has no lists of packages: no dpkg, apk, opkg, rpm or pip that kept any.'];
  return unread.map(
    ({ manager, path, reason }) =>
      `The packages of ${manager} are not told, or not all: ${path === '' ? 'its lists' : shownPath(path)} ${reasons[reason]}.`,
  );
}

const reasons: Record<UnreadMetadata['reason'], string> = {
  unknownFormat: 'has a format that is not read here',
  damaged: 'can not be read',
  tooLarge: 'is more than any system has',
};
