import { readConfig } from '../checkout/config';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { ObjectStore } from '../objects/object-store';
import { noteCheckout } from '../objects/store-ledger';
import { Problem } from '../problem';

/** Where a checkout has its objects. @throws Problem when its configuration can't be read. */
export async function objectStoreOf(checkout: OpenedCheckout): Promise<ObjectStore> {
  return new ObjectStore((await readConfig(checkout)).objectsDirectory, checkout.directory);
}

/** Lets whoever clears its store up know that a checkout may need objects of it. */
export async function rememberCheckout(checkout: OpenedCheckout): Promise<void> {
  try {
    await noteCheckout((await readConfig(checkout)).objectsDirectory, checkout.directory);
  } catch (problem) {
    // Whoever needs the configuration says so.
    if (!(problem instanceof Problem)) throw problem;
  }
}
