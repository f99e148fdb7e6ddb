import { readCheckout } from '../../core/checkout/checkout';
import { signaturesAtStake } from '../../core/checkout/signatures-at-stake';
import type { CheckoutSession } from '../session';

/** Says before a build what has to be signed again after it, while it can still be stopped. */
export async function warnOfSignatures(
  { checkoutDirectory, job }: CheckoutSession,
  app: string,
  { isNewBase }: { readonly isNewBase: boolean },
): Promise<void> {
  const { apps } = await readCheckout(checkoutDirectory);
  for (const file of signaturesAtStake(apps, app, { isNewBase })) {
    job.warn(`${file} signs what this may change, and has to be made again then.`);
  }
}
