import type { CheckoutChange } from '../../checkout/change/change-checkout';
import { readCheckout, type Checkout } from '../../checkout/checkout';
import { restartImpact } from '../../checkout/restart-impact';
import { staleSignatures } from '../../checkout/signatures';
import type { BuildReport } from '../report';

export type Impact = Pick<BuildReport, 'changedFiles' | 'restart' | 'staleSignatures'>;

/** What a change means to a device that has the last commit. The checkout is read as it is now. */
export async function impactOf(
  checkoutDirectory: string,
  { changedFiles, shipment }: CheckoutChange<unknown>,
): Promise<Impact & Pick<BuildReport, 'download'>> {
  const impact = impactOn(await readCheckout(checkoutDirectory), shipment.files);
  return { ...impact, changedFiles, download: shipment.download };
}

/** What files that change mean to a device, for a checkout as it was when they did. */
export function impactOn({ apps, signatures }: Checkout, changedFiles: readonly string[]): Impact {
  const policies = apps.map(({ name, container }) => ({
    name,
    restartPolicy: container?.restartPolicy,
    group: container?.group,
  }));
  return {
    changedFiles,
    restart: restartImpact(changedFiles, policies),
    staleSignatures: staleSignatures(signatures, changedFiles),
  };
}
