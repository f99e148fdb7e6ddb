import type { AppFile } from './app';
import type { Checkout } from './checkout';

/** All files of a checkout that are known; paths below it. */
export function filesOf(checkout: Checkout): readonly string[] {
  return knownFiles(checkout).map(({ path }) => path);
}

/** The files that are at these paths, or below them where they are folders; their own are below the checkout. */
export function filesAt(checkout: Checkout, paths: readonly string[]): readonly AppFile[] {
  return knownFiles(checkout).filter(({ path: file }) => paths.some((path) => isAtOrBelow(file, path)));
}

/** The same with what is known of each. */
export function knownFiles({ apps, parts }: Checkout): readonly AppFile[] {
  return [
    ...apps.flatMap(({ name, files }) => files.map((file) => ({ ...file, path: `${name}/${file.path}` }))),
    ...parts.flatMap(({ files }) => files),
  ];
}

/** Whether a file is at a path, or in a folder that is there. */
export function isAtOrBelow(file: string, path: string): boolean {
  return file === path || file.startsWith(`${path}/`);
}

/** What a file lies in at the checkout's top, or is itself: of an app's file, the app. */
export function topFolder(file: string): string {
  return file.split('/', 1)[0] ?? file;
}
