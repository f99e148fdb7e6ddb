import type { ChangedCheckout } from '../../checkout/change/change-checkout';
import { type Checkout, readOpened } from '../../checkout/checkout';
import { restartImpact } from '../../checkout/restart-impact';
import { staleSignatures } from '../../checkout/signatures';
import type { BuildReport } from '../report';

export type Impact = Pick<BuildReport, 'changedFiles' | 'restart' | 'staleSignatures'>;

/** What a change means to a device that has the last commit. */
export async function impactOf({
  changedFiles,
  shipment,
  checkout,
}: ChangedCheckout<unknown>): Promise<Impact & Pick<BuildReport, 'download'>> {
  const impact = impactOn(await readOpened(checkout), shipment.files);
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
