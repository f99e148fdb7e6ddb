import type { Checkout } from './checkout';
import { filesOf } from './checkout-files';
import { isSigned, type Signature } from './signatures';
import { specKey } from './state';

/**
 * What goes with apps: their folders, their `_config`, and the signatures of nothing else; paths below the checkout, of files
 * and folders that exist. A signature that also covers something else stays, and is stale then.
 */
export function pathsOfApps(checkout: Checkout, apps: readonly string[]): readonly string[] {
  const files = filesOf(checkout);
  const configs = apps
    .map((app) => `_config/${app}`)
    .filter((folder) => files.some((file) => file.startsWith(`${folder}/`)));
  const folders = [...apps, ...configs];
  const isOfApps = (file: string) => folders.some((folder) => file.startsWith(`${folder}/`));
  const goesWithApps = (signature: Signature) => {
    const signed = [specKey, ...files].filter((file) => isSigned(signature, file));
    const isNamedAfterOne = apps.some((app) => signature.file === `_sigs/${app}.json`);
    return signed.every(isOfApps) && (signed.length > 0 || isNamedAfterOne);
  };
  return [...folders, ...checkout.signatures.filter(goesWithApps).map(({ file }) => file)];
}

/** The apps that extend an app's base, directly or (which pvr doesn't build) through another one, the nearest first. */
export function dependantsOf({ apps }: Pick<Checkout, 'apps'>, app: string): readonly string[] {
  const found = new Set([app]);
  for (const name of found) {
    const dependants = apps.find((one) => one.name === name)?.dependants ?? [];
    dependants.forEach((dependant) => found.add(dependant));
  }
  found.delete(app);
  return [...found];
}
