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
