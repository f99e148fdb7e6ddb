import type { Remedy } from '../../remedy';

/** Something that stands in the way of a post, or that one should know before it. Plain data. */
export interface Objection {
  /** `note`: nothing that stops it; `refusal`: only a forced post goes on; `never`: not even that. */
  readonly weight: 'note' | 'refusal' | 'never';
  /** A clause. */
  readonly found: string;
  readonly remedy: Remedy;
  /** It is about a limit that somebody has set, and the device would take it. */
  readonly isBudget?: true;
}
