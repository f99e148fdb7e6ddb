/** Whether somebody takes a signature; each has its own. Plain data. */
export type Verdict =
  | { readonly outcome: 'verified' }
  | {
      readonly outcome: 'refused';
      /** Clauses without a final stop, the first the one that decides. */
      readonly why: readonly string[];
    };

export const verified: Verdict = { outcome: 'verified' };

export function refused(...why: readonly string[]): Verdict {
  return { outcome: 'refused', why };
}
