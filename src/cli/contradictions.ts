import {
  type Contradiction,
  describeContradiction,
  severityOf,
} from '../core/checkout/contradictions/contradictions';
import type { Severity } from '../core/checkout/contradictions/declaration';
import { inTerminalWords } from '../core/remedy';

const words: Record<Severity, string> = { error: 'error', warning: 'warning', information: 'note' };

/** A line for each: how bad it is, what was found, and what to do about it. */
export function contradictionLines(contradictions: readonly Contradiction[]): readonly string[] {
  return contradictions.map((contradiction) => {
    const { found, remedy } = describeContradiction(contradiction);
    return `${words[severityOf(contradiction)]}: ${found}. ${inTerminalWords(remedy)}.`;
  });
}

interface WithContradictions {
  readonly contradictions: readonly Contradiction[];
}

/** The same for programs: next to its facts, what each one comes to. */
export function withSeverities<Owner extends WithContradictions>(owner: Owner) {
  return {
    ...owner,
    contradictions: owner.contradictions.map((contradiction) => ({
      ...contradiction,
      severity: severityOf(contradiction),
    })),
  };
}
