import type { Contradiction } from '../../core/checkout/contradictions/contradictions';
import type { CheckoutModel } from '../model/checkout-model';

/** What is wrong in a file: something that contradicts itself, or a signature that a build made stale. */
export type Finding =
  | { readonly kind: 'contradiction'; readonly contradiction: Contradiction }
  | { readonly kind: 'staleSignature'; readonly file: string };

export function findingsOf(
  { state }: Pick<CheckoutModel, 'state'>,
  staleSignatures: readonly string[],
): readonly Finding[] {
  if (state.kind !== 'read') return [];
  const { contradictions, apps } = state.checkout;
  const all = [...contradictions, ...apps.flatMap((app) => app.contradictions)];
  return [
    ...all.map((contradiction): Finding => ({ kind: 'contradiction', contradiction })),
    ...staleSignatures.map((file): Finding => ({ kind: 'staleSignature', file })),
  ];
}
