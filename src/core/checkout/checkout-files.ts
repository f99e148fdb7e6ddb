import type { AppFile } from './app';
import type { Checkout } from './checkout';
import type { Contradiction } from './contradictions/contradictions';
import { isAtOrBelow } from './paths';

/** All that contradicts itself: of the checkout as a whole first, then of each app. */
export function allContradictions({
  contradictions,
  apps,
}: Pick<Checkout, 'contradictions' | 'apps'>): readonly Contradiction[] {
  return [...contradictions, ...apps.flatMap((app) => app.contradictions)];
}

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
