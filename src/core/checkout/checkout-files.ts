import type { Checkout } from './checkout';

/** All files of a checkout that are known; paths below it. */
export function filesOf({ apps, parts }: Checkout): readonly string[] {
  return [
    ...apps.flatMap(({ name, files }) => files.map(({ path }) => `${name}/${path}`)),
    ...parts.flatMap(({ files }) => files.map(({ path }) => path)),
  ];
}

/** The files that are at these paths, or below them where they are folders. */
export function filesAt(checkout: Checkout, paths: readonly string[]): readonly string[] {
  return filesOf(checkout).filter((file) => paths.some((path) => isAtOrBelow(file, path)));
}

/** Whether a file is at a path, or in a folder that is there. */
export function isAtOrBelow(file: string, path: string): boolean {
  return file === path || file.startsWith(`${path}/`);
}
