import type { CheckoutModel } from '../model/checkout-model';

/** A message about a checkout; of several in a window each says its name, since VS Code shows one text once. */
export function inCheckout({ isOnly, name }: Pick<CheckoutModel, 'isOnly' | 'name'>, text: string): string {
  return isOnly ? text : `${name}: ${text}`;
}
