import type { App } from './app';

/**
 * The signatures that a build of an app makes stale unless it changes nothing; paths below the checkout.
 *
 * @param options.isNewBase it rebuilds the apps that extend this one, too.
 */
export function signaturesAtStake(
  apps: readonly App[],
  name: string,
  { isNewBase }: { readonly isNewBase: boolean },
): readonly string[] {
  const changed = apps.filter((app) => app.name === name || (isNewBase && app.baseApp === name));
  return [...new Set(changed.flatMap(({ signedBy }) => signedBy))].sort();
}

/** The same for a removal: the signatures that sign other apps as well. The rest goes with what it signs. */
export function signaturesAtStakeOfRemoval(
  apps: readonly App[],
  removed: readonly string[],
): readonly string[] {
  const signedBy = (isRemoved: boolean) =>
    apps.filter(({ name }) => removed.includes(name) === isRemoved).flatMap((app) => app.signedBy);
  const others = new Set(signedBy(false));
  return [...new Set(signedBy(true))].filter((file) => others.has(file)).sort();
}
