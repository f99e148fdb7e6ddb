import type { AppFile } from './app';
import type { Checkout } from './checkout';

/** All files of a checkout that are known; paths below it. */
export function filesOf({ apps, parts }: Checkout): readonly string[] {
  return [
    ...apps.flatMap(({ name, files }) => files.map(({ path }) => `${name}/${path}`)),
    ...parts.flatMap(({ files }) => files.map(({ path }) => path)),
  ];
}

/** The files that are at these paths, or below them where they are folders, by whether pvr knows of them. */
export function filesAt(
  { apps, parts }: Checkout,
  paths: readonly string[],
): { readonly tracked: readonly string[]; readonly untracked: readonly string[] } {
  const all = [
    ...apps.flatMap(({ name, files }) => files.map((file) => ({ ...file, path: `${name}/${file.path}` }))),
    ...parts.flatMap(({ files }) => files),
  ].filter((file) => paths.some((path) => isAtOrBelow(file.path, path)));
  const pathsOf = (isWanted: (file: AppFile) => boolean) => all.filter(isWanted).map(({ path }) => path);
  return {
    tracked: pathsOf(({ tracking }) => tracking !== 'untracked'),
    untracked: pathsOf(({ tracking }) => tracking === 'untracked'),
  };
}

/** Whether a file is at a path, or in a folder that is there. */
export function isAtOrBelow(file: string, path: string): boolean {
  return file === path || file.startsWith(`${path}/`);
}
