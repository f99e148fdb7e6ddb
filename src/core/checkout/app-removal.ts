import type { Checkout } from './checkout';
import { filesOf } from './checkout-files';
import { isSigned, type Signature } from './signatures';

/**
 * What goes with an app: its folder, its `_config`, and the signatures of nothing else; paths below the checkout, of files
 * and folders that exist. A signature that also covers something else stays, and is stale then.
 */
export function pathsOfApp(checkout: Checkout, app: string): readonly string[] {
  const files = filesOf(checkout);
  const isOfApp = (file: string) => file.startsWith(`${app}/`) || file.startsWith(`_config/${app}/`);
  const goesWithApp = (signature: Signature) => {
    const signed = files.filter((file) => isSigned(signature, file));
    const isNamedAfterApp = signature.file === `_sigs/${app}.json`;
    return signed.every(isOfApp) && (signed.length > 0 || isNamedAfterApp);
  };
  return [
    app,
    ...(files.some((file) => file.startsWith(`_config/${app}/`)) ? [`_config/${app}`] : []),
    ...checkout.signatures.filter(goesWithApp).map(({ file }) => file),
  ];
}
