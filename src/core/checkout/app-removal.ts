import type { Checkout } from './checkout';
import { isSigned, type Signature } from './signatures';

/**
 * What goes with an app: its folder, its `_config`, and the signatures of nothing else; paths below the checkout, of files
 * and folders that exist. Signatures that also cover something else stay, and are stale then.
 */
export function pathsOfApp(checkout: Checkout, app: string): readonly string[] {
  const { parts, signatures } = checkout;
  const files = filesOf(checkout);
  const isOf = (file: string) => file.startsWith(`${app}/`) || file.startsWith(`_config/${app}/`);
  const goesWithApp = (signature: Signature) => {
    const signed = files.filter((file) => isSigned(signature, file));
    const isNamedAfterApp = signature.file === `_sigs/${app}.json`;
    return signed.every(isOf) && (signed.length > 0 || isNamedAfterApp);
  };
  const hasConfig = parts.some((part) => part.files.some(({ path }) => path.startsWith(`_config/${app}/`)));
  return [
    app,
    ...(hasConfig ? [`_config/${app}`] : []),
    ...signatures.filter(goesWithApp).map(({ file }) => file),
  ];
}

function filesOf({ apps, parts }: Checkout): readonly string[] {
  return [
    ...apps.flatMap(({ name, files }) => files.map(({ path }) => `${name}/${path}`)),
    ...parts.flatMap(({ files }) => files.map(({ path }) => path)),
  ];
}
