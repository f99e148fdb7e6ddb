import { readCheckout } from '../checkout/checkout';
import { restartImpact } from '../checkout/restart-impact';
import { isSigned, readSignatures } from '../checkout/signatures';
import type { BuildReport } from './report';

/** What files that changed mean to the device. The checkout is read as it is now. */
export async function impactOf(
  checkoutDirectory: string,
  changedFiles: readonly string[],
): Promise<Pick<BuildReport, 'changedFiles' | 'restart' | 'staleSignatures'>> {
  const { apps } = await readCheckout(checkoutDirectory);
  const policies = apps.map(({ name, container }) => ({
    name,
    restartPolicy: container?.restartPolicy,
    group: container?.group,
  }));
  const { signatures } = await readSignatures(checkoutDirectory);
  return {
    changedFiles,
    restart: restartImpact(changedFiles, policies),
    staleSignatures: signatures
      .filter((signature) => changedFiles.some((file) => isSigned(signature, file)))
      .map(({ file }) => file),
  };
}
