import { describeContradiction, severityOf } from '../../checkout/contradictions/contradictions';
import { contradictionsInState } from '../../checkout/state-contradictions';
import type { Objection } from './objection';
import { aboutSignatures, type SentState } from './posted-signatures';

/** Kinds of contradictions that are judged by the state that goes out, whatever lies in the checkout beside it. */
export const judgedByState: ReadonlySet<string> = new Set([
  'stale-signature',
  'starts-before-base',
  'mounted-without-type',
  'unknown-group',
  'empty-disks',
]);

/**
 * What a device would stumble over in a state: signatures that don't fit, groups that don't exist, starts in the wrong order.
 *
 * @param before what it runs well.
 * @param onlyNew what is wrong there already is left out: it isn't what somebody changes who posts parts alone.
 */
export async function aboutDevice(
  state: SentState,
  before: SentState | undefined,
  { onlyNew }: { readonly onlyNew: boolean },
): Promise<readonly Objection[]> {
  const starts = await errorsIn(state);
  const known = onlyNew && before !== undefined ? await errorsIn(before) : [];
  const wereThere = new Set(known.map(({ found }) => found));
  const signatures = aboutSignatures(state, before);
  return [...signatures, ...starts.filter(({ found }) => !wereThere.has(found))];
}

async function errorsIn({ members }: SentState): Promise<readonly Objection[]> {
  const contradictions = await contradictionsInState(members);
  return contradictions
    .filter((one) => severityOf(one) === 'error')
    .map((one): Objection => ({ weight: 'refusal', ...describeContradiction(one) }));
}
