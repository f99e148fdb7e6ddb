import { readCheckout, type Checkout } from '../checkout/checkout';
import { restartImpact } from '../checkout/restart-impact';
import { staleSignatures } from '../checkout/signatures';
import type { BuildReport } from './report';

export type Impact = Pick<BuildReport, 'changedFiles' | 'restart' | 'staleSignatures'>;

/** What files that changed mean to the device. The checkout is read as it is now. */
export async function impactOf(checkoutDirectory: string, changedFiles: readonly string[]): Promise<Impact> {
  return impactOn(await readCheckout(checkoutDirectory), changedFiles);
}

/** The same, for a checkout as it was when they changed. */
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
