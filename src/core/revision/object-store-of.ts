import { readConfig } from '../checkout/config';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { ObjectStore } from '../objects/object-store';

/** Where a checkout has its objects. @throws Problem when its configuration can't be read. */
export async function objectStoreOf(checkout: OpenedCheckout): Promise<ObjectStore> {
  return new ObjectStore((await readConfig(checkout)).objectsDirectory);
}
