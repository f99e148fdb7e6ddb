import type { App } from './app';
import type { CheckedSignature } from './verify-signature';

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

/** Paths below the checkout of those that fit no more. */
export function staleAmong(signatures: readonly CheckedSignature[]): readonly string[] {
  return signatures.flatMap(({ file, standing }) => (standing === 'stale' ? [file] : []));
}
