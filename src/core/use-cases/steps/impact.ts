import type { ChangedCheckout } from '../../checkout/change/change-checkout';
import type { ChangingCheckout } from '../../checkout/change/changing-checkout';
import { waitingWith } from '../../checkout/change/shipment';
import { type Checkout, readOpened, readWithWaiting } from '../../checkout/checkout';
import { restartOf } from '../../checkout/restart-impact';
import { staleSignatures } from '../../checkout/signatures';
import { signaturesAtStake } from '../../checkout/signatures-at-stake';
import { downloadOf } from '../../checkout/working-state';
import type { BuildReport } from '../report';

export type Impact = Pick<BuildReport, 'changedFiles' | 'restart' | 'staleSignatures'>;

/** What a change means to a device that has the last commit, together with all else that waits for the next one. */
export async function impactOf(
  changed: ChangedCheckout<unknown>,
): Promise<Impact & Pick<BuildReport, 'download' | 'waitingDownload'>> {
  const { changes, changedFiles, shipment } = changed;
  const { checkout, waiting } = await readWithWaiting(changed.checkout);
  const state = await changed.checkout.state();
  const all = waitingWith(waiting, changes, shipment);
  return {
    changedFiles,
    restart: impactOn(checkout, all.files).restart,
    staleSignatures: staleSignatures(checkout.signatures, shipment.files),
    download: downloadOf(shipment, state),
    waitingDownload: downloadOf(all, state),
  };
}

/** The signatures that a build of an app makes stale unless it changes nothing, for whoever wants to know before it begins. */
export async function atStake(
  change: ChangingCheckout,
  app: string,
  isNewBase: boolean,
): Promise<readonly string[]> {
  const { apps } = await readOpened(change.before);
  return signaturesAtStake(apps, app, { isNewBase });
}

/** Takes signatures that are going to be stale; paths below the checkout. */
export type OnAtStake = (files: readonly string[]) => void;

/** What files that change mean to a device, for a checkout as it was when they did. */
export function impactOn({ apps, signatures }: Checkout, changedFiles: readonly string[]): Impact {
  return {
    changedFiles,
    restart: restartOf(changedFiles, apps),
    staleSignatures: staleSignatures(signatures, changedFiles),
  };
}
